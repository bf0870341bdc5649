// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how a stream is opened and read by fetch(), and says in words when that fails.

import { Failure } from './failure.js';
import { asSentence } from './format.js';

const QUIET_MS = 10000; // longer than an idle camera's first picture and any keyframe takes
// Not this width, this rate or this way; another may do. Else the server refuses them all.
const NOT_TO_BE_HAD = new Set([400, 404, 406]);
const OPEN_WITHIN_MS = 20000; // the server itself gives up earlier and says why

/** → a Response that is 200. Throws Failure; what signal aborts is thrown as it is. */
export async function openStream(url, signal) {
  signal.throwIfAborted();
  const opening = new AbortController();
  const giveUp = () => opening.abort();
  const timer = setTimeout(giveUp, OPEN_WITHIN_MS);
  signal.addEventListener('abort', giveUp, { once: true });
  let response;
  try {
    response = await fetch(url, { signal: opening.signal, cache: 'no-store' });
  } catch {
    signal.throwIfAborted();
    throw new Failure('unreachable', 'Porthole does not answer.');
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
  if (!response.ok)
    throw await refusal(response);
  return response;
}

async function refusal(response) {
  const text = await response.text().catch(() => '');
  const retryAfter = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  return new Failure(NOT_TO_BE_HAD.has(response.status) ? 'unsupported' : 'refused',
    asSentence(text.slice(0, 300)) || `Porthole answered ${response.status}.`,
    { retryAfter: Number.isFinite(retryAfter) ? retryAfter : null });
}

/** Chunks of a Response until it ends. Throws Failure when it goes quiet or breaks. */
export async function* readChunks(response, signal) {
  const reader = response.body.getReader();
  let isQuiet = false;
  let timer;
  // cancel() closes the connection and ends a pending read().
  const close = () => reader.cancel().catch(() => {});
  const onQuiet = () => {
    isQuiet = true;
    close();
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    for (;;) {
      timer = setTimeout(onQuiet, QUIET_MS);
      const { done, value } = await reader.read().catch(() => ({}));
      clearTimeout(timer);
      signal.throwIfAborted();
      if (isQuiet)
        throw new Failure('broken', 'No picture is coming any more.');
      if (done)
        return;
      if (value === undefined)
        throw new Failure('broken', 'The connection broke.');
      yield value;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', close);
    close();
  }
}
