// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how to play the endless fragmented MP4 by Media Source Extensions: fetch() reads it, a
// SourceBuffer takes it, live-edge.js keeps the playing position near the newest picture.
// iPhones have ManagedMediaSource only, which wants remote playback switched off (the video element
// in the page says so).

import { Failure } from './failure.js';
import { LiveEdge } from './live-edge.js';
import { CaptureTimes, InitSegmentReader, concat } from './mp4.js';
import { hasPicture } from './picture.js';
import { openStream, readChunks } from './stream-fetch.js';

const MediaSourceClass = globalThis.ManagedMediaSource ?? globalThis.MediaSource;
const ANY_H264 = 'video/mp4; codecs="avc1.42E01F"';

// remove() takes away up to the next keyframe after its end, so what is kept behind the playing
// position must be longer than any keyframe interval.
const TRIM_BEYOND_S = 60;
const KEEP_BEHIND_S = 30;
const LARGEST_QUEUE = 24 << 20;

export const mse = {
  id: 'mse',
  label: 'Video (MP4)',
  note: 'Smooth, and less than a second behind.',
  codec: 'h264',
  address: 'mp4',

  isSupported() {
    return MediaSourceClass !== undefined && MediaSourceClass.isTypeSupported(ANY_H264);
  },

  /** Plays until signal aborts; throws Failure. The video is left attached for its last picture. */
  async watch({ url, video, signal, report }) {
    const response = await openStream(url, signal);
    const init = new InitSegmentReader();
    let sink = null;
    let times = null;
    try {
      for await (const chunk of readChunks(response, signal)) {
        signal.throwIfAborted();
        report.bytes(chunk.length);
        if (sink !== null) {
          times.push(chunk);
          sink.append(chunk);
          continue;
        }
        const start = readInit(init, chunk);
        if (start !== null) {
          times = new CaptureTimes(start.timescale);
          times.push(start.bytes);
          sink = await Sink.open(video, start.mime, signal, report, times);
          sink.append(start.bytes);
        }
      }
      throw new Failure('broken', 'The stream ended.');
    } finally {
      sink?.close();
    }
  },
};

function readInit(init, chunk) {
  try {
    return init.push(chunk);
  } catch (error) {
    throw new Failure('unsupported', `This video cannot be played here: ${error.message}.`);
  }
}

/** The SourceBuffer and what waits for it. Errors surface at the next append(). */
class Sink {
  #video;
  #report;
  #source;
  #buffer = null;
  #edge;
  #times;
  #queue = [];
  #failure = null;
  #listening = new AbortController();

  static async open(video, mime, signal, report, times) {
    if (!MediaSourceClass.isTypeSupported(mime))
      throw new Failure('unsupported', `This browser cannot play ${mime}.`);
    const sink = new Sink(video, report, times);
    await sink.#attach(mime, signal);
    return sink;
  }

  constructor(video, report, times) {
    this.#video = video;
    this.#report = report;
    this.#times = times;
    this.#source = new MediaSourceClass();
    this.#edge = new LiveEdge(video, {
      onMoved: (behind) => report.buffered(behind),
      onStuck: () => this.#fail('media', 'The video does not move.'),
    });
    const options = { signal: this.#listening.signal };
    video.addEventListener('timeupdate', () => {
      if (hasPicture(video))
        report.moved(this.#times.at(video.currentTime));
    }, options);
    video.addEventListener('error', () => this.#fail('media', 'The video cannot be decoded.'),
      options);
  }

  async #attach(mime, signal) {
    const opened = new Promise((resolve, reject) => {
      this.#source.addEventListener('sourceopen', resolve, { once: true });
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    const url = URL.createObjectURL(this.#source);
    this.#video.src = url;
    await opened;
    URL.revokeObjectURL(url);
    this.#buffer = this.#source.addSourceBuffer(mime);
    this.#buffer.addEventListener('updateend', () => this.#onUpdateEnd());
    this.#buffer.addEventListener('error', () => this.#fail('media', 'The video is damaged.'));
    this.#edge.start();
    this.#video.play().catch((error) => {
      if (error.name === 'NotAllowedError')
        this.#report.blocked();
    });
  }

  append(chunk) {
    if (this.#failure !== null)
      throw this.#failure;
    this.#queue.push(chunk);
    if (this.#queue.reduce((sum, waiting) => sum + waiting.length, 0) > LARGEST_QUEUE)
      throw new Failure('media', 'This device is too slow for the video.');
    this.#pump();
  }

  #pump() {
    if (this.#queue.length === 0 || this.#buffer.updating || this.#source.readyState !== 'open')
      return;
    const data = this.#queue.length === 1 ? this.#queue[0] : concat(this.#queue);
    try {
      this.#buffer.appendBuffer(data);
      this.#queue = [];
    } catch (error) {
      this.#queue = [data];
      if (error.name !== 'QuotaExceededError' || !this.#trim(1, 1))
        this.#fail('media', 'The browser does not take the video.');
    }
  }

  #onUpdateEnd() {
    if (this.#listening.signal.aborted)
      return;
    this.#edge.follow();
    if (!this.#trim(TRIM_BEYOND_S, KEEP_BEHIND_S))
      this.#pump();
  }

  /** → whether something is being removed; "updateend" follows. */
  #trim(beyond, keep) {
    const { buffered, currentTime } = this.#video;
    if (buffered.length === 0 || currentTime - buffered.start(0) <= beyond)
      return false;
    this.#buffer.remove(buffered.start(0), currentTime - keep);
    return true;
  }

  #fail(kind, sentence) {
    this.#failure ??= new Failure(kind, sentence);
  }

  close() {
    this.#listening.abort();
    this.#edge.stop();
    this.#queue = [];
  }
}
