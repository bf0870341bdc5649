// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how to play HLS where the browser does so itself. The browser does not tell how much it
// fetched, so the data used is estimated from the bitrate the server measures.

import { Failure } from './failure.js';
import { hasPicture } from './picture.js';
import { openStream } from './stream-fetch.js';

const PLAYLIST = 'application/vnd.apple.mpegurl';
const LOOK_EVERY_MS = 1000;
const STUCK_MS = 15000; // several segments

export const hls = {
  id: 'hls',
  label: 'Video (HLS)',
  note: 'Several seconds behind. The data used is an estimate.',
  codec: 'h264',
  address: 'hls',

  isSupported() {
    return document.createElement('video').canPlayType(PLAYLIST) !== '';
  },

  /** Plays until signal aborts; throws Failure. The video is left attached for its last picture. */
  async watch({ url, video, signal, report, measuredBitrate }) {
    // The video element only says "error": ask first, so that the server can say why in words.
    const playlist = await openStream(url, signal);
    await playlist.body.cancel();
    signal.throwIfAborted();

    const ending = new AbortController();
    const options = { signal: ending.signal };
    try {
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), options);
        video.addEventListener('error', () => reject(failureOf(video)), options);
        video.addEventListener('ended', () => reject(new Failure('broken', 'The stream ended.')),
          options);
        video.addEventListener('timeupdate', () => {
          if (hasPicture(video))
            report.moved(capturedAt(video));
        }, options);
        const timer = setInterval(() => {
          report.bytes(measuredBitrate() / 8 * LOOK_EVERY_MS, { estimated: true });
        }, LOOK_EVERY_MS);
        const watchdog = watchProgress(video, () => {
          reject(new Failure('broken', 'The video does not move.'));
        });
        ending.signal.addEventListener('abort', () => {
          clearInterval(timer);
          clearInterval(watchdog);
        });
        video.src = url;
        video.play().catch((error) => {
          if (error.name === 'NotAllowedError')
            report.blocked();
        });
      });
    } finally {
      ending.abort();
    }
  },
};

/** Seconds since 1970, from the playlist's dates, where the browser hands them on; else null. */
function capturedAt(video) {
  const start = video.getStartDate?.().getTime() / 1000;
  return Number.isFinite(start) ? start + video.currentTime : null;
}

function failureOf(video) {
  if (video.error?.code === MediaError.MEDIA_ERR_NETWORK)
    return new Failure('broken', 'The connection broke.');
  return new Failure('media', 'The video cannot be played here.');
}

function watchProgress(video, onStuck) {
  let position = -1;
  let at = performance.now();
  return setInterval(() => {
    const moved = video.currentTime !== position;
    if (moved || video.paused || document.hidden) {
      position = video.currentTime;
      at = performance.now();
    } else if (performance.now() - at > STUCK_MS) {
      onStuck();
    }
  }, LOOK_EVERY_MS);
}
