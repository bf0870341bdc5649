// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how numbers and states of the API are said to a person. Pure functions, text out.

const VIEWER_WORDS = { rtsp: 'RTSP', hls: 'HLS', mp4: 'MP4', mjpeg: 'MJPEG', snapshot: 'snapshot' };
const STATE_WORDS = { idle: 'Idle', starting: 'Starting', live: 'Live', lost: 'Lost' };
const CODEC_WORDS = { h264: 'H.264', jpeg: 'JPEG' };
const UNKNOWN = '–';
const NBSP = '\u00a0'; // a number stays on one line with its unit

/** Decimal units, as data plans count. */
export function formatBytes(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)}${NBSP}${units[unit]}`;
}

/** kbit is what the API measures bitrates in. */
export function formatBitrate(kbit) {
  if (!Number.isFinite(kbit) || kbit <= 0)
    return UNKNOWN;
  if (kbit >= 1000)
    return `${(kbit / 1000).toFixed(1)}${NBSP}Mbit/s`;
  return `${Math.round(kbit)}${NBSP}kbit/s`;
}

export function formatFramerate(framerate) {
  if (!Number.isFinite(framerate) || framerate <= 0)
    return UNKNOWN;
  return `${Number(framerate.toFixed(1))}${NBSP}fps`;
}

export function formatSize(width, height) {
  return width > 0 && height > 0 ? `${width}${NBSP}×${NBSP}${height}` : UNKNOWN;
}

export function formatSeconds(seconds) {
  if (seconds < 1)
    return 'a moment';
  if (seconds < 90)
    return `${Math.round(seconds)}${NBSP}s`;
  return `${Math.round(seconds / 60)}${NBSP}min`;
}

/** age: seconds or null; drift: seconds per minute or null. "0.42 s, steady" */
export function formatAge(age, drift) {
  if (age === null)
    return UNKNOWN;
  const text = `${age.toFixed(2)}${NBSP}s`;
  if (drift === null)
    return text;
  if (Math.abs(drift) < 0.1)
    return `${text}, steady`;
  return `${text}, ${drift > 0 ? '+' : '−'}${Math.abs(drift).toFixed(1)}${NBSP}s per minute`;
}

/** An API sentence as it stands in running text: a capital first, one mark (. ? !) last. */
export function asSentence(text) {
  const trimmed = String(text ?? '').trim().replace(/\.+$/, '');
  if (trimmed === '')
    return '';
  const stop = /[?!]$/.test(trimmed) ? '' : '.';
  return `${trimmed[0].toUpperCase()}${trimmed.slice(1)}${stop}`;
}

export function joinSentences(...sentences) {
  return sentences.filter(Boolean).join(' ');
}

export function stateWord(camera) {
  return STATE_WORDS[camera.state] ?? asSentence(camera.state).slice(0, -1);
}

/** It may be long over, so it says when it was. */
function pastError({ last_error: error, last_error_at: at }) {
  if (!error)
    return '';
  return at ? `Last error, ${new Date(at).toLocaleString()}: ${asSentence(error)}`
    : asSentence(error);
}

export function stateSentence(camera) {
  const error = asSentence(camera.last_error);
  switch (camera.state) {
    case 'idle':
      return joinSentences('Nobody is watching, so the camera is off.', pastError(camera));
    case 'starting':
      return joinSentences('The camera is being opened.', pastError(camera));
    case 'live':
      return 'The camera is live.';
    case 'lost':
      return joinSentences('The camera is lost.', error,
        camera.retry_in > 0 ? `Trying again in ${formatSeconds(camera.retry_in)}.`
          : 'Trying again now.');
    default:
      return joinSentences(asSentence(camera.state), error);
  }
}

export function countViewers(viewers) {
  return Object.values(viewers ?? {}).reduce((sum, count) => sum + count, 0);
}

/** "2 RTSP, 1 MP4"; "nobody" when no one does. Kinds this page does not know keep their name. */
export function formatViewers(viewers) {
  const parts = Object.entries(viewers ?? {})
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${VIEWER_WORDS[kind] ?? kind}`);
  return parts.length > 0 ? parts.join(', ') : 'nobody';
}

/** "RTSP, main, 192.0.2.7, anna, since 14:03:20" of one viewer. */
export function formatViewer({ kind, stream, peer, user, since }) {
  const at = new Date(since).toLocaleTimeString([], { timeStyle: 'medium' });
  return [VIEWER_WORDS[kind] ?? kind, stream, peer, user, `since ${at}`].filter(Boolean).join(', ');
}

export function formatCodec(codec) {
  return CODEC_WORDS[codec] ?? String(codec).toUpperCase();
}

/** "H.264, 1280 × 720, 30 fps, 4.0 Mbit/s asked" of what is known. */
export function formatStream(stream) {
  const parts = [formatCodec(stream.codec), formatSize(stream.width, stream.height),
    formatFramerate(stream.framerate)];
  if (stream.bitrate > 0)
    parts.push(`${formatBitrate(stream.bitrate)} asked`);
  return parts.filter((part) => part !== UNKNOWN).join(', ');
}

/** The name a downloaded picture gets, in local time: front-2025-03-01-17-04-59.jpg */
export function snapshotFileName(camera, date) {
  const two = (number) => String(number).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join('-');
  return `${camera}-${day}-${time}.jpg`;
}
