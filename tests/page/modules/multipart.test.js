// SPDX-License-Identifier: LGPL-2.1-or-later
import { MultipartReader } from '../assets/multipart.js';
import { bytes, same, throws } from './check.js';

const text = ({ body }) => String.fromCharCode(...body);
const part = (body) => '--frame\r\nContent-Type: image/jpeg\r\n'
  + `Content-Length: ${body.length}\r\n\r\n${body}\r\n`;

export const tests = {
  'parts come out whole however the bytes are cut'() {
    const bodies = ['one', '\r\n\r\n--frame\r\n', 'three'];
    const stream = bytes(bodies.map(part).join(''));
    for (const step of [1, 3, 50, stream.length]) {
      const reader = new MultipartReader();
      const found = [];
      for (let at = 0; at < stream.length; at += step)
        found.push(...reader.push(stream.subarray(at, at + step)).map(text));
      same(found, bodies);
    }
  },
  'a preamble and any case of the header do'() {
    const reader = new MultipartReader();
    same(reader.push(bytes('\r\n--x\r\nCONTENT-LENGTH:  2 \r\n\r\nab')).map(text), ['ab']);
  },
  'a part says when its picture was taken, or does not'() {
    const header = (time) => `--x\r\nContent-Length: 1\r\n${time}\r\n`;
    const times = ['X-Timestamp: 1700000000.250000\r\n', 'X-Timestamp: soon\r\n', ''].map(
      (time) => new MultipartReader().push(bytes(`${header(time)}a`))[0].captured);
    same(times, [1700000000.25, null, null]);
  },
  'a part without length, or with an absurd one, is refused'() {
    throws(() => new MultipartReader().push(bytes('--x\r\nContent-Type: a\r\n\r\nab')), /no length/);
    throws(() => new MultipartReader().push(bytes('--x\r\nContent-Length: 9999999999\r\n\r\n')),
      /no length/);
  },
  'what is not multipart is refused'() {
    throws(() => new MultipartReader().push(new Uint8Array(5000)), /not multipart/);
  },
};
