// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how a test says that something is not as it should be.

export function same(found, wanted) {
  const [a, b] = [found, wanted].map((value) => JSON.stringify(value));
  if (a !== b)
    throw new Error(`found ${a}, wanted ${b}`);
}

export function throws(act, pattern) {
  try {
    act();
  } catch (error) {
    if (pattern.test(error.message))
      return;
    throw error;
  }
  throw new Error(`nothing was thrown, wanted ${pattern}`);
}

export const bytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
