// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how to keep a playing video near the newest picture: it starts at whatever time the stream
// starts with, skips what lies too far behind, makes up small delays by playing a little faster,
// and grants itself more reserve on a line that stutters.

const LOOK_EVERY_MS = 250;
const LEAST_RESERVE_S = 0.35;
const MOST_RESERVE_S = 2;
// A stream begins with the pictures since the last keyframe, all at once: those are skipped.
const BEGINNING_MS = 3000;
const FAR_BEHIND_AT_BEGINNING_S = 1;
const FAR_BEHIND_S = 3;
const AT_GAP_S = 0.05;
const HANGING_S = 3;
const STUCK_S = 9;

/**
 * Pure: what to do at this moment. → { seekTo } or { rate }. ranges: what is buffered, as
 * [start, end], oldest first. A picture that came late leaves a gap between two of them, at which
 * browsers stop; it is stepped over, but not before it is reached.
 */
export function decide({ ranges, position, reserve, farBehind }) {
  const [newestStart, newestEnd] = ranges[ranges.length - 1];
  const behind = newestEnd - position;
  if (behind < 0 || behind > farBehind)
    return { seekTo: Math.max(newestStart, newestEnd - reserve) };
  const next = ranges.find(([start]) => start > position);
  const isPlayable = ranges.some(([start, end]) => start <= position && position < end - AT_GAP_S);
  if (next !== undefined && !isPlayable)
    return { seekTo: next[0] };
  if (behind > reserve + 0.6)
    return { rate: 1.1 };
  if (behind > reserve + 0.2)
    return { rate: 1.04 };
  return { rate: behind < reserve / 2 ? 0.96 : 1 };
}

function rangesOf(buffered) {
  return Array.from({ length: buffered.length },
    (_, index) => [buffered.start(index), buffered.end(index)]);
}

export class LiveEdge {
  #video;
  #onMoved;
  #onStuck;
  #timer = null;
  #reserve = LEAST_RESERVE_S;
  #startedAt = 0;
  #last = { position: -1, at: 0, wasNudged: false };
  #listening = new AbortController();

  /** onMoved(secondsBehind) while it plays; onStuck() when pictures come but none is shown. */
  constructor(video, { onMoved, onStuck }) {
    this.#video = video;
    this.#onMoved = onMoved;
    this.#onStuck = onStuck;
  }

  start() {
    this.#startedAt = performance.now();
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#video.addEventListener('waiting', () => this.#onWaiting(),
      { signal: this.#listening.signal });
  }

  stop() {
    clearInterval(this.#timer);
    this.#listening.abort();
    this.#video.playbackRate = 1;
  }

  /** To be called whenever something was added to the buffer. */
  follow() {
    const video = this.#video;
    const ranges = rangesOf(video.buffered);
    if (ranges.length === 0 || video.seeking)
      return;
    const { seekTo, rate } = decide({
      ranges,
      position: video.currentTime,
      reserve: this.#reserve,
      farBehind: this.#farBehind(),
    });
    if (seekTo !== undefined)
      video.currentTime = seekTo;
    else if (video.playbackRate !== rate)
      video.playbackRate = rate;
    this.#onMoved(Math.max(0, ranges[ranges.length - 1][1] - video.currentTime));
  }

  #farBehind() {
    if (performance.now() - this.#startedAt < BEGINNING_MS)
      return FAR_BEHIND_AT_BEGINNING_S;
    return Math.max(FAR_BEHIND_S, this.#reserve * 2);
  }

  #look() {
    const video = this.#video;
    const now = performance.now();
    this.follow();
    if (video.paused || document.hidden || video.currentTime !== this.#last.position) {
      this.#last = { position: video.currentTime, at: now, wasNudged: false };
      return;
    }
    const newest = video.buffered.length - 1;
    const hasMore = newest >= 0 && video.buffered.end(newest) - video.currentTime > 0.2;
    const hangs = (now - this.#last.at) / 1000;
    if (!hasMore) {
      this.#last.at = now; // nothing to show: that is the line's matter
    } else if (hangs > STUCK_S) {
      this.#onStuck();
    } else if (hangs > HANGING_S && !this.#last.wasNudged) {
      this.#last.wasNudged = true;
      video.currentTime = Math.max(video.buffered.start(newest),
        video.buffered.end(newest) - this.#reserve);
      this.#last.position = video.currentTime;
    }
  }

  #onWaiting() {
    const isBeginning = performance.now() - this.#startedAt < BEGINNING_MS;
    if (!isBeginning && !this.#video.seeking)
      this.#reserve = Math.min(this.#reserve * 1.5, MOST_RESERVE_S);
  }
}
