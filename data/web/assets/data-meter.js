// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how many bytes this page has used and what that makes in an hour.

const WINDOW_S = 20;

export class DataMeter {
  #now; // → seconds; given so that tests need not wait
  #total = 0;
  #marks = []; // { at, total }, oldest first, about one a second
  #estimated = false;

  constructor(now = () => performance.now() / 1000) {
    this.#now = now;
  }

  /** estimated: taken from the server's measured bitrate, the browser does not tell. */
  add(bytes, { estimated = false } = {}) {
    const at = this.#now();
    if (this.#marks.length === 0)
      this.#marks.push({ at, total: this.#total });
    this.#total += bytes;
    this.#estimated ||= estimated;
    if (at - this.#marks[this.#marks.length - 1].at >= 1)
      this.#marks.push({ at, total: this.#total });
  }

  get total() {
    return this.#total;
  }

  get isEstimated() {
    return this.#estimated;
  }

  /** Bytes per second over the last WINDOW_S; null before there is enough to tell. */
  get rate() {
    const now = this.#now();
    while (this.#marks.length > 1 && now - this.#marks[1].at >= WINDOW_S)
      this.#marks.shift();
    const first = this.#marks[0];
    if (first === undefined || now - first.at < 2)
      return null;
    return (this.#total - first.total) / (now - first.at);
  }
}
