// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how old pictures are when they are shown, and whether they get older: a player that falls
// behind a little each second looks well until somebody opens the door.

const RECENT_S = 2;
const WINDOW_S = 60;
const LEAST_FOR_DRIFT_S = 10;

export class AgeMeter {
  #now; // → seconds
  #ages = []; // { at, age }, oldest first

  constructor(now = () => performance.now() / 1000) {
    this.#now = now;
  }

  /** age: seconds, of the picture that is shown now. */
  add(age) {
    const at = this.#now();
    this.#ages.push({ at, age });
    while (at - this.#ages[0].at > WINDOW_S)
      this.#ages.shift();
  }

  /** Another way or stream: what was before says nothing of it. */
  reset() {
    this.#ages = [];
  }

  /** Seconds, the median of the last RECENT_S; null when nothing was shown lately. */
  get age() {
    const at = this.#now();
    const recent = this.#ages.filter((each) => at - each.at <= RECENT_S).map(({ age }) => age);
    recent.sort((a, b) => a - b);
    return recent.length === 0 ? null : recent[Math.floor(recent.length / 2)];
  }

  /** Seconds of age gained in a minute, by the line of least squares; null: too early to tell. */
  get drift() {
    const first = this.#ages[0];
    if (first === undefined || this.#now() - first.at < LEAST_FOR_DRIFT_S)
      return null;
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const meanAt = mean(this.#ages.map(({ at }) => at));
    const meanAge = mean(this.#ages.map(({ age }) => age));
    const along = mean(this.#ages.map(({ at, age }) => (at - meanAt) * (age - meanAge)));
    const across = mean(this.#ages.map(({ at }) => (at - meanAt) ** 2));
    return across === 0 ? null : along / across * 60;
  }
}
