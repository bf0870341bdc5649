// SPDX-License-Identifier: LGPL-2.1-or-later
import { AgeMeter } from '../assets/age-meter.js';
import { same } from './check.js';

function watch(meter, clock, seconds, ageAt) {
  for (let i = 0; i < seconds * 4; i += 1) {
    clock.now += 0.25;
    meter.add(ageAt(clock.now));
  }
}

export const tests = {
  'the age is that of the last pictures, one that came late aside'() {
    const clock = { now: 100 };
    const meter = new AgeMeter(() => clock.now);
    same(meter.age, null);
    watch(meter, clock, 5, () => 0.4);
    meter.add(9);
    same(meter.age, 0.4);
    clock.now += 3;
    same(meter.age, null);
  },
  'a player that falls behind shows as drift'() {
    const clock = { now: 0 };
    const meter = new AgeMeter(() => clock.now);
    watch(meter, clock, 5, () => 1);
    same(meter.drift, null);
    watch(meter, clock, 115, (now) => 1 + now * 0.02);
    same(meter.drift.toFixed(3), '1.200');
    meter.reset();
    same([meter.age, meter.drift], [null, null]);
  },
  'a steady one has none'() {
    const clock = { now: 0 };
    const meter = new AgeMeter(() => clock.now);
    watch(meter, clock, 30, () => 0.5);
    same(Math.abs(meter.drift) < 1e-9, true);
  },
};
