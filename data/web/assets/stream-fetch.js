// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how a stream is opened and read by fetch(), and says in words when that fails.

import { Failure } from './failure.js';
import { asSentence } from './format.js';

const QUIET_MS = 10000; // longer than an idle camera's first picture and any keyframe takes
const OPEN_WITHIN_MS = 20000; // the server itself gives up earlier and says why

/** → a Response that is 200. Throws Failure; what signal aborts is thrown as it is. */
export async function openStream(url, signal) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), OPEN_WITHIN_MS);
  const abort = () => late.abort();
  signal.addEventListener('abort', abort, { once: true });
  let response;
  try {
    response = await fetch(url, { signal: late.signal, cache: 'no-store' });
  } catch {
    signal.throwIfAborted();
    throw new Failure('unreachable', 'Porthole does not answer.');
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok)
    throw await refusal(response);
  return response;
}

async function refusal(response) {
  const text = await response.text().catch(() => '');
  const retryAfter = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  // 400: this width or rate is not to be had, something else may be.
  return new Failure(response.status === 400 ? 'unsupported' : 'refused',
    asSentence(text.slice(0, 300)) || `Porthole answered ${response.status}.`,
    { retryAfter: Number.isFinite(retryAfter) ? retryAfter : null });
}

/** Chunks of a Response until it ends. Throws Failure when it goes quiet or breaks. */
export async function* readChunks(response, signal) {
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await readInTime(reader, signal);
      if (done)
        return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

async function readInTime(reader, signal) {
  let timer;
  const quiet = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Failure('broken', 'No picture is coming any more.')),
      QUIET_MS);
  });
  try {
    return await Promise.race([reader.read(), quiet]);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof Failure ? error : new Failure('broken', 'The connection broke.');
  } finally {
    clearTimeout(timer);
  }
}
