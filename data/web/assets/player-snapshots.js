// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how to watch by asking for one snapshot after another: slower than a stream, but it holds
// no connection, so that any number of cameras share the few a browser opens to one server.

import { readTime } from './multipart.js';
import { drawJpeg } from './picture.js';
import { openStream, readChunks } from './stream-fetch.js';
import { Turns } from './turns.js';

const EVERY_MS = 500;

// With two endless streams beside them these leave one of six connections for the API.
const turns = new Turns(3);
// An idle camera's first picture takes seconds: they must not hold up those that are running.
const firstTurns = new Turns(2);

export const snapshots = {
  id: 'snapshots',
  label: 'Snapshots',
  note: 'About two pictures per second.',
  codec: 'jpeg',
  address: 'snapshot',

  isSupported() {
    return globalThis.createImageBitmap !== undefined;
  },

  /** Shows pictures on canvas until signal aborts; throws Failure. */
  async watch({ url, canvas, signal, report }) {
    const giveBackFirst = await firstTurns.take(signal);
    try {
      for (;;) {
        const tookMs = await showOne({ url, canvas, signal, report });
        giveBackFirst();
        // On a slow line wait as long as the picture took, so that half of the line stays free.
        await sleep(Math.max(EVERY_MS - tookMs, tookMs), signal);
      }
    } finally {
      giveBackFirst();
    }
  },
};

/** → milliseconds the server and the line took. */
async function showOne({ url, canvas, signal, report }) {
  const giveBack = await turns.take(signal);
  const asked = performance.now();
  let blob;
  let captured;
  try {
    const response = await openStream(url, signal);
    captured = readTime(response.headers.get('X-Timestamp'));
    blob = await readBlob(response, signal);
  } finally {
    giveBack();
  }
  const tookMs = performance.now() - asked;
  report.bytes(blob.size);
  await drawJpeg(canvas, blob);
  signal.throwIfAborted();
  report.moved(captured);
  return tookMs;
}

async function readBlob(response, signal) {
  const chunks = [];
  for await (const chunk of readChunks(response, signal))
    chunks.push(chunk);
  return new Blob(chunks, { type: 'image/jpeg' });
}

function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
