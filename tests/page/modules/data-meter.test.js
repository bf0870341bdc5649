// SPDX-License-Identifier: LGPL-2.1-or-later
import { DataMeter } from '../assets/data-meter.js';
import { same } from './check.js';

export const tests = {
  'the rate is unknown at first, then that of the last seconds'() {
    let now = 100;
    const meter = new DataMeter(() => now);
    meter.add(1000);
    same(meter.rate, null);
    for (let i = 0; i < 60; i += 1) {
      now += 1;
      meter.add(1000);
    }
    same([meter.total, Math.round(meter.rate)], [61000, 1000]);
    for (let i = 0; i < 60; i += 1) {
      now += 1;
      meter.add(10);
    }
    same(Math.round(meter.rate), 10);
  },
  'when nothing comes the rate falls'() {
    let now = 0;
    const meter = new DataMeter(() => now);
    meter.add(1000);
    now = 10;
    same(meter.rate, 100);
  },
  'an estimate makes the total one'() {
    const meter = new DataMeter(() => 0);
    meter.add(1);
    same(meter.isEstimated, false);
    meter.add(1, { estimated: true });
    same(meter.isEstimated, true);
  },
};
