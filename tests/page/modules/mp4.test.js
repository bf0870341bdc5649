// SPDX-License-Identifier: LGPL-2.1-or-later
import { CaptureTimes, concat, InitSegmentReader, mimeOf } from '../assets/mp4.js';
import { bytes, same, throws } from './check.js';

function box(type, ...children) {
  const body = concat(children);
  const size = body.length + 8;
  return concat([Uint8Array.of(size >> 24, size >> 16, size >> 8, size), bytes(type), body]);
}

function moovWith(entryType, ...configuration) {
  const entry = box(entryType, new Uint8Array(78), ...configuration);
  const stsd = box('stsd', new Uint8Array(8), entry);
  return box('moov', box('mvhd', new Uint8Array(100)),
    box('trak', box('mdia', MDHD, box('minf', box('stbl', stsd)))));
}

function prft(captured, media) {
  const body = new DataView(new ArrayBuffer(24));
  body.setUint8(0, 1);
  body.setUint32(4, 1);
  body.setUint32(8, Math.floor(captured) + 2208988800);
  body.setUint32(12, captured % 1 * 2 ** 32);
  body.setBigUint64(16, BigInt(media));
  return box('prft', new Uint8Array(body.buffer));
}

const AVCC = box('avcC', Uint8Array.of(1, 0x42, 0xc0, 0x1f, 0xff));
const MDHD = box('mdhd', new Uint8Array(12), Uint8Array.of(0, 1, 0x5f, 0x90), new Uint8Array(8));
const FTYP = box('ftyp', bytes('isom\0\0\0\0'));

export const tests = {
  'the codec string has profile, constraints and level of avcC'() {
    same(mimeOf(moovWith('avc1', box('pasp', new Uint8Array(8)), AVCC)),
      'video/mp4; codecs="avc1.42C01F"');
    same(mimeOf(moovWith('avc3', AVCC)), 'video/mp4; codecs="avc3.42C01F"');
  },
  'a stream without H.264 is refused'() {
    throws(() => mimeOf(moovWith('mp4v')), /no H\.264/);
    throws(() => mimeOf(moovWith('avc1')), /no H\.264/);
  },
  'the init segment is found however the bytes are cut'() {
    const stream = concat([FTYP, moovWith('avc1', AVCC), box('moof', new Uint8Array(20))]);
    for (const step of [1, 7, 64, stream.length]) {
      const reader = new InitSegmentReader();
      let found = null;
      for (let at = 0; at < stream.length && found === null; at += step)
        found = reader.push(stream.subarray(at, at + step));
      same(found?.mime, 'video/mp4; codecs="avc1.42C01F"');
      same(found.timescale, 90000);
      same(Array.from(found.bytes), Array.from(stream.subarray(0, found.bytes.length)));
    }
  },
  'a stream that starts in its middle is refused'() {
    throws(() => new InitSegmentReader().push(box('moof', new Uint8Array(20))), /does not start/);
  },
  'the newest prft tells when a picture was captured, however the bytes are cut'() {
    const stream = concat([FTYP, prft(1600000000.5, 90000), box('moof', new Uint8Array(20)),
      box('mdat', bytes('prft')), prft(1700000000.25, 180000), box('moof', new Uint8Array(20))]);
    for (const step of [1, 7, 64, stream.length]) {
      const times = new CaptureTimes(90000);
      same(times.at(2), null);
      for (let at = 0; at < stream.length; at += step)
        times.push(stream.subarray(at, at + step));
      same([times.at(2), times.at(3.5)], [1700000000.25, 1700000001.75]);
    }
  },
  'a box without size ends it'() {
    throws(() => new CaptureTimes(90000).push(new Uint8Array(9)), /no size/);
  },
  'nonsense ends, however long it is'() {
    const reader = new InitSegmentReader();
    throws(() => {
      for (let i = 0; i < 40; i += 1)
        reader.push(new Uint8Array(1 << 16));
    }, /no description/);
  },
};
