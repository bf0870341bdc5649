// SPDX-License-Identifier: LGPL-2.1-or-later
import { decide } from '../assets/live-edge.js';
import { same } from './check.js';

const moment = (fields) => decide({ ranges: [[3600, 3610]], position: 3609.6, reserve: 0.4,
  farBehind: 3, ...fields });

export const tests = {
  'near the newest picture it just plays'() {
    same(moment({}), { rate: 1 });
  },
  'a stream that does not start at zero is sought'() {
    same(moment({ position: 0, ranges: [[3600, 3600.04]] }), { seekTo: 3600 });
  },
  'far behind it skips, a little behind it hurries'() {
    same(moment({ position: 3606 }), { seekTo: 3609.6 });
    same(moment({ position: 3608 }).rate > 1, true);
  },
  'time stamps that went back are followed'() {
    same(moment({ ranges: [[0, 2]], position: 3609 }), { seekTo: 1.6 });
  },
  'a gap is stepped over when it is reached, not before'() {
    const ranges = [[3600, 3609.8], [3609.9, 3610]];
    same(moment({ ranges }), { rate: 1 });
    same(moment({ ranges, position: 3609.78 }), { seekTo: 3609.9 });
    same(moment({ ranges, position: 3609.85 }), { seekTo: 3609.9 });
  },
  'at the very end of what there is it waits'() {
    same(moment({ position: 3610 }).seekTo, undefined);
  },
  'with too little in hand it takes its time'() {
    same(moment({ position: 3609.95 }).rate < 1, true);
  },
};
