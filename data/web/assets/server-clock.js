// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows what time it is for the server: this device's clock may go wrong by minutes. Of the last
// answers that told the time the one that came back quickest says it best.

import { readTime } from './multipart.js';

const KEPT_ANSWERS = 30;

export class ServerClock {
  #now; // → seconds since 1970 by this device; given so that tests need not wait
  #answers = []; // { offset, roundTrip }, seconds, oldest first

  constructor(now = () => (performance.timeOrigin + performance.now()) / 1000) {
    this.#now = now;
  }

  /** ask() → promise of a Response, which is passed on. */
  async listen(ask) {
    const asked = this.#now();
    const response = await ask();
    const answered = this.#now();
    const time = readTime(response.headers.get('X-Timestamp'));
    if (time !== null) {
      this.#answers.push({
        offset: time - (asked + answered) / 2,
        roundTrip: answered - asked,
      });
      this.#answers.splice(0, this.#answers.length - KEPT_ANSWERS);
    }
    return response;
  }

  /** Seconds since 1970; null until the server told. */
  now() {
    if (this.#answers.length === 0)
      return null;
    const best = this.#answers.reduce((a, b) => (b.roundTrip < a.roundTrip ? b : a));
    return this.#now() + best.offset;
  }
}
