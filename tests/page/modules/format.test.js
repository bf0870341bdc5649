// SPDX-License-Identifier: LGPL-2.1-or-later
import * as format from '../assets/format.js';
import { same } from './check.js';

const plain = (text) => text.replaceAll('\u00a0', ' ');

export const tests = {
  'bytes are said in the unit that fits'() {
    same([0, 999, 1000, 1549, 99950, 999499, 999500, 2.5e9].map(format.formatBytes).map(plain),
      ['0 B', '999 B', '1.0 kB', '1.5 kB', '100 kB', '999 kB', '1.0 MB', '2.5 GB']);
  },
  'bitrates come in kbit/s'() {
    same([400, 999.6, 3980.1, 0, null, undefined].map(format.formatBitrate).map(plain),
      ['400 kbit/s', '1000 kbit/s', '4.0 Mbit/s', '–', '–', '–']);
  },
  'an unknown size is a dash'() {
    same([plain(format.formatSize(1280, 720)), format.formatSize(null, null)], ['1280 × 720', '–']);
  },
  'an age is told with what becomes of it'() {
    same([[null, null], [0.421, null], [0.4, -0.05], [0.4, 1.23], [0.4, -2]].map(
      ([age, drift]) => plain(format.formatAge(age, drift))),
    ['–', '0.42 s', '0.40 s, steady', '0.40 s, +1.2 s per minute', '0.40 s, −2.0 s per minute']);
  },
  'a lost camera says why and when it is tried again'() {
    same(plain(format.stateSentence(
      { state: 'lost', last_error: 'the device is gone', retry_in: 4.2 })),
    'The camera is lost. The device is gone. Trying again in 4 s.');
  },
  'an error that may be over says when it was'() {
    const idle = { state: 'idle', last_error: 'gone', last_error_at: '2026-01-02T03:04:05Z' };
    const when = new Date(idle.last_error_at).toLocaleString();
    same(format.stateSentence(idle),
      `Nobody is watching, so the camera is off. Last error, ${when}: Gone.`);
    same(format.stateSentence({ state: 'idle' }), 'Nobody is watching, so the camera is off.');
  },
  'a state this page does not know is still said'() {
    same(format.stateWord({ state: 'asleep' }), 'Asleep');
  },
  'a sentence has one full stop'() {
    same(['no such camera\n', 'Done.', 'is it plugged in?', null].map(format.asSentence),
      ['No such camera.', 'Done.', 'Is it plugged in?', '']);
  },
  'viewers are named by kind'() {
    same([format.formatViewers({ rtsp: 2, hls: 0, mp4: 1, later: 3 }), format.formatViewers({})],
      ['2 RTSP, 1 MP4, 3 later', 'nobody']);
    same(format.formatViewer({ kind: 'rtsp', stream: 'main', peer: '192.0.2.7', user: null,
      since: '2025-03-01T07:04:09Z' }).startsWith('RTSP, main, 192.0.2.7, since '), true);
    same(format.countViewers({ rtsp: 2, mp4: 1 }), 3);
  },
  'a snapshot is named after camera and local time'() {
    same(format.snapshotFileName('front', new Date(2025, 2, 1, 7, 4, 9)),
      'front-2025-03-01-07-04-09.jpg');
  },
};
