// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows why watching ended, in a form that player.js can decide by and a person can read.

/**
 * kind says who is to blame, and so what is done next:
 *   unsupported  this browser cannot do this way at all: take the next way at once
 *   media        the browser could not decode what came: the next way after a second try
 *   broken       it was opened but ended or went quiet: try again, later the next way
 *   unreachable  no answer at all: no other way would do better, so stay with this one
 *   refused      the server said no and why: the camera's matter, so stay with this way
 */
export class Failure extends Error {
  constructor(kind, sentence, { retryAfter = null } = {}) {
    super(sentence);
    this.kind = kind;
    this.retryAfter = retryAfter; // seconds, when the server named them
  }
}
