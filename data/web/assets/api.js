// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows where the server is and what its API answers. Every address is made from the place this
// module was loaded from (BASE/assets/api.js), so the page works below any path behind a proxy.

import { asSentence } from './format.js';
import { ServerClock } from './server-clock.js';

const ANSWER_WITHIN_MS = 10000;
const SLOWEST_POLL_MS = 30000;

export const BASE = new URL('..', import.meta.url);

export const serverClock = new ServerClock();

export class ApiError extends Error {
  constructor(sentence, status = 0) {
    super(sentence);
    this.status = status; // 0: no answer at all
  }
}

/** The camera whose page this is: BASE/NAME/. */
export function cameraNameOf(location) {
  const path = location.pathname.slice(BASE.pathname.length);
  return decodeURIComponent(path.split('/')[0]);
}

/** A site-relative path of the API ("/front/mjpeg?stream=jpeg") as an absolute URL below BASE. */
export function resolve(path, query = {}) {
  const url = new URL(path.replace(/^\/+/, ''), BASE);
  for (const [key, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== '')
      url.searchParams.set(key, value);
  return url;
}

export async function fetchCameras(signal) {
  return (await getJson('api/v1/cameras', signal)).cameras;
}

/** onBytes(count): what the answer weighed. */
export function fetchCamera(name, signal, onBytes) {
  return getJson(`api/v1/cameras/${encodeURIComponent(name)}`, signal, onBytes);
}

/** Who is looking: {user, log_in, log_out, admin}; log_in and log_out say which of it could be done. */
export function fetchSession() {
  return getJson('api/v1/session');
}

export function fetchJson(path, signal) {
  return getJson(path, signal);
}

function getJson(path, signal, onBytes) {
  return request(path, { signal }, onBytes);
}

/** What the server answers to method, null if that is nothing; content is sent as JSON. */
export function askJson(method, path, content) {
  const options = { method };
  if (content !== undefined) {
    options.headers = { 'Content-Type': 'application/json' };
    options.body = JSON.stringify(content);
  }
  return request(path, options);
}

async function request(path, options, onBytes = () => {}) {
  let response;
  let body;
  try {
    response = await serverClock.listen(
      () => fetch(resolve(path), { ...options, cache: 'no-store' }));
    body = await response.text();
  } catch {
    throw new ApiError('Porthole does not answer.');
  }
  onBytes(body.length);
  const answer = parse(body);
  if (response.status === 401)
    window.location.assign(resolve('login'));
  if (!response.ok)
    throw new ApiError(asSentence(answer?.error ?? `Porthole answered ${response.status}`),
      response.status);
  if (answer === null && response.status !== 204)
    throw new ApiError('Porthole answered something this page cannot read.', response.status);
  return answer;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Asks again and again until stop(): intervalMs after each answer, ever later after errors.
 * ask(signal) → promise; onAnswer(answer); onError(error, secondsUntilNext).
 */
export class Poll {
  #ask;
  #intervalMs;
  #onAnswer;
  #onError;
  #timer = null;
  #abort = null;
  #errors = 0;

  constructor({ ask, intervalMs, onAnswer, onError }) {
    this.#ask = ask;
    this.#intervalMs = intervalMs;
    this.#onAnswer = onAnswer;
    this.#onError = onError;
  }

  start() {
    if (this.#abort === null)
      this.#askNow();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#abort = null;
  }

  async #askNow() {
    const abort = new AbortController();
    const deadline = setTimeout(() => abort.abort(), ANSWER_WITHIN_MS);
    let waitMs = this.#intervalMs;
    this.#abort = abort;
    try {
      const answer = await this.#ask(abort.signal);
      if (this.#abort !== abort)
        return;
      this.#errors = 0;
      this.#onAnswer(answer);
    } catch (error) {
      if (this.#abort !== abort)
        return;
      if (!(error instanceof ApiError))
        console.error(error);
      waitMs = Math.min(this.#intervalMs * 2 ** this.#errors, SLOWEST_POLL_MS);
      this.#errors += 1;
      this.#onError(error, waitMs / 1000);
    } finally {
      clearTimeout(deadline);
    }
    this.#timer = setTimeout(() => this.#askNow(), waitMs);
  }
}
