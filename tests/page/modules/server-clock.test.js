// SPDX-License-Identifier: LGPL-2.1-or-later
import { ServerClock } from '../assets/server-clock.js';
import { same } from './check.js';

export const tests = {
  async 'the answer that came back quickest says best what time it is'() {
    let now = 1000;
    const clock = new ServerClock(() => now);
    const ask = (seconds, time) => async () => {
      now += seconds;
      return new Response('', { headers: { 'X-Timestamp': String(time) } });
    };
    same(clock.now(), null);
    await clock.listen(ask(2, 5001));
    same(clock.now(), 5002);
    await clock.listen(ask(0.5, 5002.5));
    same(clock.now(), 5002.75);
    await clock.listen(ask(4, 9999));
    same(clock.now(), 5006.75);
  },
  async 'an answer without time says nothing, and is passed on'() {
    const clock = new ServerClock(() => 1);
    const answer = new Response('');
    same(await clock.listen(async () => answer) === answer, true);
    same(clock.now(), null);
  },
};
