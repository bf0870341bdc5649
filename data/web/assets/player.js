// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how to keep a picture moving whatever happens: takes the first of several ways of watching,
// reconnects with back-off, goes over to the next way when one does not work here, stops and goes
// on as asked. What a way does is in player-*.js, why one ended in failure.js.
//
// A way is { id, label, note, codec, address, isSupported(), async watch({ url, video, canvas,
// signal, report, measuredBitrate }) }: watch() shows pictures, calling report.moved(captured) for
// each or every few, until signal aborts or it throws; captured is when that picture was taken, in
// seconds since 1970 by the server's clock, or null.
// A candidate is { way, url, endless }: endless, when there, is the Turns it needs one of.

import { Failure } from './failure.js';
import { drawVideo } from './picture.js';

const LONGEST_WAIT_S = 30;
const FAILURES_PER_WAY = 2;
const GOOD_AFTER_MS = 10000; // a picture that moved this long earns a fresh start
const STALLED_AFTER_MS = 3000;
const LOOK_EVERY_MS = 500;

export class Player {
  #picture;
  #video;
  #canvas;
  #onChange;
  #onBytes;
  #onShown;
  #measuredBitrate;

  #candidates = [];
  #index = 0;
  #failures = 0;
  #run = null; // AbortController of the running loop
  #wake = null; // ends a wait early
  #wanted = false;
  #suspended = false;

  /**
   * picture: element that holds a <video> and a <canvas>; its data-surface says which one shows.
   * onChange({ phase, way, sentence, retryAt }): phase is idle, connecting, playing, stalled (no
   *   new picture for a while), waiting (for the next try, at retryAt as performance.now() counts),
   *   blocked (the browser wants a tap first) or paused; sentence says what went wrong, or ''.
   * onShown(captured): a picture is shown, captured when (seconds since 1970, or null).
   * onBytes(count, { estimated }). measuredBitrate(): kbit/s as the server measures.
   */
  constructor({ picture, onChange, onShown = () => {}, onBytes = () => {},
    measuredBitrate = () => 0 }) {
    this.#picture = picture;
    this.#video = picture.querySelector('video');
    this.#canvas = picture.querySelector('canvas');
    this.#onChange = onChange;
    this.#onShown = onShown;
    this.#onBytes = onBytes;
    this.#measuredBitrate = measuredBitrate;
    this.buffered = null; // seconds in hand, where that can be told
    this.status = { phase: 'idle', way: null, sentence: '', retryAt: null };
    // Back on a network: no need to sit out the wait.
    window.addEventListener('online', () => this.#wake?.());
  }

  /** Does nothing when the candidates are the ones it has. */
  setCandidates(candidates) {
    const key = (list) => list.map(({ way, url }) => `${way.id} ${url}`).join('\n');
    if (key(candidates) === key(this.#candidates))
      return;
    this.#candidates = candidates;
    this.#index = 0;
    this.#failures = 0;
    this.#stopRun();
    this.#maybeRun();
  }

  play() {
    this.#wanted = true;
    if (this.status.phase === 'blocked')
      this.#video.play().catch(() => {});
    else if (this.#run === null)
      this.#maybeRun();
    else
      this.#wake?.();
  }

  pause() {
    this.#wanted = false;
    this.#stopRun();
    this.#say('paused', null);
  }

  /** Nobody looks: like pause, but resume() goes on only if it was playing. */
  suspend() {
    this.#suspended = true;
    this.#stopRun();
  }

  resume() {
    this.#suspended = false;
    this.#maybeRun();
  }

  get isWanted() {
    return this.#wanted;
  }

  /** Pixels of what is shown now; zeroes when nothing is. */
  get size() {
    if (this.#picture.dataset.surface === 'video')
      return { width: this.#video.videoWidth, height: this.#video.videoHeight };
    if (this.#picture.dataset.surface === 'canvas')
      return { width: this.#canvas.width, height: this.#canvas.height };
    return { width: 0, height: 0 };
  }

  #maybeRun() {
    if (!this.#wanted || this.#suspended || this.#run !== null || this.#candidates.length === 0)
      return;
    this.#run = new AbortController();
    this.#keepWatching(this.#run.signal);
  }

  #stopRun() {
    if (this.#run === null)
      return;
    this.#keepLastPicture();
    this.#run.abort();
    this.#run = null;
  }

  async #keepWatching(signal) {
    while (!signal.aborted) {
      const attempt = await this.#watchOnce(this.#candidates[this.#index], signal);
      if (signal.aborted)
        return;
      this.#keepLastPicture();
      const waitS = this.#waitAfter(attempt);
      if (waitS > 0) {
        this.#say('waiting', this.#candidates[this.#index].way, attempt.failure.message,
          performance.now() + waitS * 1000);
        await this.#sleep(waitS * 1000, signal);
      }
    }
  }

  /** → { failure, playedMs } of a try that ended by itself. */
  async #watchOnce({ way, url, endless }, signal) {
    const giveBack = endless === undefined ? () => {} : endless.tryTake();
    if (giveBack === null)
      return { failure: new Failure('refused', 'Open this camera to watch it.'), playedMs: 0 };
    signal.addEventListener('abort', giveBack, { once: true }); // the next run may want it at once

    let playingSince = null;
    let movedAt = 0;
    const ifCurrent = (act) => (...args) => signal.aborted || act(...args);
    const report = {
      bytes: ifCurrent((count, { estimated = false } = {}) => this.#onBytes(count, { estimated })),
      buffered: ifCurrent((seconds) => { this.buffered = seconds; }),
      blocked: ifCurrent(() => this.#say('blocked', way)),
      moved: ifCurrent((captured = null) => {
        movedAt = performance.now();
        playingSince ??= movedAt;
        this.#picture.dataset.surface = way.codec === 'jpeg' ? 'canvas' : 'video';
        if (this.status.phase !== 'playing')
          this.#say('playing', way);
        this.#onShown(captured);
      }),
    };
    this.#say('connecting', way, this.status.phase === 'waiting' ? this.status.sentence : '');
    const watchdog = setInterval(() => {
      if (this.status.phase === 'playing' && performance.now() - movedAt > STALLED_AFTER_MS)
        this.#say('stalled', way);
    }, LOOK_EVERY_MS);
    let failure;
    try {
      await way.watch({ url: String(url), video: this.#video, canvas: this.#canvas, signal, report,
        measuredBitrate: this.#measuredBitrate });
    } catch (error) {
      if (!signal.aborted && !(error instanceof Failure))
        console.error(error);
      failure = error instanceof Failure ? error : new Failure('media', 'Something went wrong.');
    } finally {
      clearInterval(watchdog);
      giveBack();
    }
    return { failure, playedMs: playingSince === null ? 0 : performance.now() - playingSince };
  }

  /** Counts the failure, maybe moves on to the next way. → seconds to wait. */
  #waitAfter({ failure, playedMs }) {
    if (playedMs > GOOD_AFTER_MS)
      this.#failures = 0;
    this.#failures += 1;
    const isOfThisWay = failure.kind === 'media' || (failure.kind === 'broken' && playedMs === 0);
    const isLast = this.#index === this.#candidates.length - 1;
    if (failure.kind === 'unsupported' && !isLast)
      return this.#takeNextWay(0);
    if (isOfThisWay && this.#failures >= FAILURES_PER_WAY && this.#candidates.length > 1)
      return this.#takeNextWay(isLast ? LONGEST_WAIT_S / 3 : 0);
    const backOff = Math.min(2 ** (this.#failures - 1), LONGEST_WAIT_S);
    return Math.min(Math.max(failure.retryAfter ?? backOff, 1), LONGEST_WAIT_S);
  }

  #takeNextWay(waitS) {
    this.#index = (this.#index + 1) % this.#candidates.length;
    this.#failures = 0;
    return waitS;
  }

  /** The last picture stays to be seen while there is no new one; the video lets go of the line. */
  #keepLastPicture() {
    if (this.#picture.dataset.surface === 'video')
      this.#picture.dataset.surface = drawVideo(this.#canvas, this.#video) ? 'canvas' : 'none';
    if (this.#video.hasAttribute('src')) {
      this.#video.removeAttribute('src');
      this.#video.load();
    }
    this.buffered = null;
  }

  #say(phase, way, sentence = '', retryAt = null) {
    this.status = { phase, way, sentence, retryAt };
    this.#onChange(this.status);
  }

  #sleep(ms, signal) {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end, { once: true });
      this.#wake = end;
    });
  }
}
