// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows that a browser opens six connections to one HTTP/1.1 server and lets the rest wait:
// whoever wants one takes a turn here, so that some are always left for the API.

export class Turns {
  #free;
  #waiting = [];

  constructor(count) {
    this.#free = count;
  }

  /** → a function that gives the turn back; in order of asking. Rejects when signal aborts. */
  async take(signal) {
    signal.throwIfAborted();
    if (this.#free === 0)
      await this.#wait(signal);
    else
      this.#free -= 1;
    return this.#giveBackOnce();
  }

  /** The same at once, or null when none is free. */
  tryTake() {
    if (this.#free === 0)
      return null;
    this.#free -= 1;
    return this.#giveBackOnce();
  }

  #giveBackOnce() {
    let taken = true;
    return () => {
      if (taken) {
        taken = false;
        this.#pass();
      }
    };
  }

  #wait(signal) {
    return new Promise((given, refused) => {
      const entry = { given };
      const leave = () => {
        this.#waiting = this.#waiting.filter((other) => other !== entry);
        refused(signal.reason);
      };
      entry.given = () => {
        signal.removeEventListener('abort', leave);
        given();
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(entry);
    });
  }

  #pass() {
    const next = this.#waiting.shift();
    if (next)
      next.given();
    else
      this.#free += 1;
  }
}
