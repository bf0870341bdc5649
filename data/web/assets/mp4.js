// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows the start of a fragmented MP4 (ISO/IEC 14496-12): finds the end of the init segment in
// bytes as they arrive, and in it the codec string that Media Source Extensions ask for
// (RFC 6381 3.3; avcC: ISO/IEC 14496-15 5.3.3.1); and in what follows the boxes that say when a
// picture was captured (prft: ISO/IEC 14496-12 8.16.5).

const LARGEST_INIT_SEGMENT = 1 << 20;
const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl']);
const SAMPLE_DESCRIPTION_HEADER = 8; // version, flags, entry count
const VISUAL_ENTRY_HEADER = 78; // of a VisualSampleEntry, up to its child boxes
const BOX_HEADER = 8;
const PRFT_SIZE = 32; // version 1
const SECONDS_FROM_1900_TO_1970 = 2208988800;

/** Collects bytes until "moov" is complete. */
export class InitSegmentReader {
  #bytes = new Uint8Array(0);

  /**
   * → null until complete, then { mime, timescale, bytes }: timescale is ticks per second, bytes
   * everything pushed so far.
   */
  push(chunk) {
    this.#bytes = concat([this.#bytes, chunk]);
    for (const box of boxes(this.#bytes, 0, this.#bytes.length)) {
      if (box.type === 'moof' || box.type === 'mdat')
        throw new Error('the stream does not start with its description');
      if (box.type === 'moov' && box.end <= this.#bytes.length)
        return { ...describe(this.#bytes.subarray(box.start, box.end)), bytes: this.#bytes };
    }
    if (this.#bytes.length > LARGEST_INIT_SEGMENT)
      throw new Error('the stream has no description');
    return null;
  }
}

/** Follows the boxes of a stream from its beginning and remembers the newest prft. */
export class CaptureTimes {
  #timescale;
  #held = new Uint8Array(0); // the beginning of a box
  #toSkip = 0;
  #newest = null; // { media, captured }: seconds on the media's timeline, seconds since 1970

  constructor(timescale) {
    this.#timescale = timescale;
  }

  push(chunk) {
    let bytes = this.#held.length > 0 ? concat([this.#held, chunk]) : chunk;
    this.#held = new Uint8Array(0);
    while (bytes.length > 0) {
      const skipped = Math.min(this.#toSkip, bytes.length);
      this.#toSkip -= skipped;
      bytes = bytes.subarray(skipped);
      const size = this.#readBox(bytes);
      if (size === 0) {
        this.#held = bytes.slice();
        return;
      }
      this.#toSkip = size;
    }
  }

  /** → the size of the box that bytes begin with; 0: too little of it is there. */
  #readBox(bytes) {
    if (bytes.length < BOX_HEADER)
      return 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = view.getUint32(0);
    if (size < BOX_HEADER)
      throw new Error('a box has no size');
    if (view.getUint32(4) !== 0x70726674 || size !== PRFT_SIZE) // "prft"
      return size;
    if (bytes.length < PRFT_SIZE)
      return 0;
    this.#newest = {
      captured: view.getUint32(16) - SECONDS_FROM_1900_TO_1970 + view.getUint32(20) / 2 ** 32,
      media: Number(view.getBigUint64(24)) / this.#timescale,
    };
    return size;
  }

  /** Seconds since 1970 when the picture at mediaTime (seconds) was captured; null: not told. */
  at(mediaTime) {
    return this.#newest === null ? null
      : this.#newest.captured + mediaTime - this.#newest.media;
  }
}

export function concat(chunks) {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function describe(moov) {
  return { mime: mimeOf(moov), timescale: timescaleOf(moov) };
}

/** mdhd: ISO/IEC 14496-12 8.4.2. */
function timescaleOf(moov) {
  const view = new DataView(moov.buffer, moov.byteOffset, moov.byteLength);
  for (const { body } of find(moov, 0, moov.length, 'mdhd'))
    return view.getUint32(body + (moov[body] === 1 ? 20 : 12));
  throw new Error('the stream has no timescale');
}

/** moov: a whole moov box. → 'video/mp4; codecs="avc1.42C01F"'. Throws when there is no H.264. */
export function mimeOf(moov) {
  for (const stsd of find(moov, 0, moov.length, 'stsd')) {
    for (const entry of boxes(moov, stsd.body + SAMPLE_DESCRIPTION_HEADER, stsd.end)) {
      if (entry.type !== 'avc1' && entry.type !== 'avc3')
        continue;
      for (const box of boxes(moov, entry.body + VISUAL_ENTRY_HEADER, entry.end))
        if (box.type === 'avcC' && box.end - box.body >= 4)
          return `video/mp4; codecs="${entry.type}.${hex(moov, box.body + 1, 3)}"`;
    }
  }
  throw new Error('the stream has no H.264 in it');
}

function hex(bytes, start, count) {
  return Array.from(bytes.subarray(start, start + count),
    (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('');
}

function* find(bytes, start, end, type) {
  for (const box of boxes(bytes, start, end)) {
    if (box.type === type)
      yield box;
    else if (CONTAINERS.has(box.type))
      yield* find(bytes, box.body, box.end, type);
  }
}

/** Boxes whose header lies in start…end; the last may end past it. body: past the header. */
function* boxes(bytes, start, end) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  while (at + 8 <= end) {
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    let size = view.getUint32(at);
    let body = at + 8;
    if (size === 1) {
      if (at + 16 > end)
        return;
      size = Number(view.getBigUint64(at + 8));
      body = at + 16;
    }
    if (size < body - at)
      return; // 0 is "to the end of the file", which an endless stream does not have
    yield { type, start: at, body, end: at + size };
    at += size;
  }
}
