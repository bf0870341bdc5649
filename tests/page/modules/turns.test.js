// SPDX-License-Identifier: LGPL-2.1-or-later
import { Turns } from '../assets/turns.js';
import { same } from './check.js';

const never = new AbortController().signal;
const settled = () => new Promise((resolve) => { setTimeout(resolve, 0); });

export const tests = {
  async 'who comes late waits, and is served in order'() {
    const turns = new Turns(1);
    const order = [];
    const giveBack = await turns.take(never);
    turns.take(never).then((next) => { order.push('a'); next(); });
    turns.take(never).then((next) => { order.push('b'); next(); });
    await settled();
    same(order, []);
    giveBack();
    await settled();
    same(order, ['a', 'b']);
    same(turns.tryTake() !== null, true);
  },
  async 'a turn given back twice counts once'() {
    const turns = new Turns(1);
    const giveBack = await turns.take(never);
    giveBack();
    giveBack();
    same([turns.tryTake() !== null, turns.tryTake()], [true, null]);
  },
  async 'who leaves the queue takes no turn'() {
    const turns = new Turns(1);
    const giveBack = await turns.take(never);
    const leaving = new AbortController();
    const left = turns.take(leaving.signal).then(() => 'taken', () => 'left');
    leaving.abort();
    same(await left, 'left');
    giveBack();
    same(turns.tryTake() !== null, true);
  },
};
