// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows the start of a fragmented MP4 (ISO/IEC 14496-12): finds the end of the init segment in
// bytes as they arrive, and in it the codec string that Media Source Extensions ask for
// (RFC 6381 3.3; avcC: ISO/IEC 14496-15 5.3.3.1).

const LARGEST_INIT_SEGMENT = 1 << 20;
const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl']);
const SAMPLE_DESCRIPTION_HEADER = 8; // version, flags, entry count
const VISUAL_ENTRY_HEADER = 78; // of a VisualSampleEntry, up to its child boxes

/** Collects bytes until "moov" is complete. */
export class InitSegmentReader {
  #bytes = new Uint8Array(0);

  /** → null until complete, then { mime, bytes }: bytes is everything pushed so far. */
  push(chunk) {
    this.#bytes = concat([this.#bytes, chunk]);
    for (const box of boxes(this.#bytes, 0, this.#bytes.length)) {
      if (box.type === 'moof' || box.type === 'mdat')
        throw new Error('the stream does not start with its description');
      if (box.type === 'moov' && box.end <= this.#bytes.length)
        return { mime: mimeOf(this.#bytes.subarray(box.start, box.end)), bytes: this.#bytes };
    }
    if (this.#bytes.length > LARGEST_INIT_SEGMENT)
      throw new Error('the stream has no description');
    return null;
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
