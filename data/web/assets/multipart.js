// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows multipart/x-mixed-replace (RFC 2046 5.1) as Porthole sends it: every part says its
// Content-Length, and in X-Timestamp when the picture was taken. Bytes in, whole parts out.

import { concat } from './mp4.js';

const LARGEST_HEADER = 4096;
const LARGEST_PART = 32 << 20;

export class MultipartReader {
  #bytes = new Uint8Array(0);

  /**
   * → the parts that became complete, oldest first, as { body, captured }: captured is seconds
   * since 1970, or null. Throws on what is not multipart.
   */
  push(chunk) {
    const parts = [];
    this.#bytes = concat([this.#bytes, chunk]);
    for (let part = this.#take(); part !== null; part = this.#take())
      parts.push(part);
    return parts;
  }

  #take() {
    const headerEnd = findBlankLine(this.#bytes);
    if (headerEnd < 0) {
      if (this.#bytes.length > LARGEST_HEADER)
        throw new Error('the stream is not multipart');
      return null;
    }
    const header = new TextDecoder('latin1').decode(this.#bytes.subarray(0, headerEnd));
    const length = Number(/^content-length:[ \t]*(\d+)[ \t]*\r$/im.exec(header)?.[1] ?? NaN);
    if (!(length <= LARGEST_PART))
      throw new Error('a part of the stream has no length');
    if (this.#bytes.length < headerEnd + length)
      return null;
    const body = this.#bytes.slice(headerEnd, headerEnd + length);
    this.#bytes = this.#bytes.slice(headerEnd + length);
    return { body, captured: readTime(/^x-timestamp:[ \t]*([\d.]+)[ \t]*\r$/im.exec(header)?.[1]) };
  }
}

/** Seconds since 1970 out of an X-Timestamp; null: there is none. */
export function readTime(text) {
  const time = Number.parseFloat(text ?? '');
  return Number.isFinite(time) ? time : null;
}

/** → the index after CR LF CR LF within a header's reach, -1 when it is not there yet. */
function findBlankLine(bytes) {
  const end = Math.min(bytes.length, LARGEST_HEADER);
  // A part's body ends in CR LF before the next delimiter: start at the delimiter's dashes.
  let start = 0;
  while (start < end && bytes[start] !== 0x2d)
    start += 1;
  for (let at = start; at + 4 <= end; at += 1)
    if (bytes[at] === 13 && bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10)
      return at + 4;
  return -1;
}
