// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows when a key is meant for the page: not while something that takes keys has the focus, not
// with a modifier, and not when the user has switched single keys off (WCAG 2.1, 2.1.4).

const STORED_AS = 'porthole.shortcuts';
const TAKES_KEYS = 'input, select, textarea, [contenteditable]';
const TAKES_SPACE = 'button, a, summary, label';

/** toggle: the checkbox that switches them. actions: function by event.key in lower case. */
export function listenForKeys(toggle, actions) {
  toggle.checked = recall() !== 'off';
  toggle.addEventListener('change', () => remember(toggle.checked ? 'on' : 'off'));

  document.addEventListener('keydown', (event) => {
    const action = actions[event.key.toLowerCase()];
    if (action === undefined || !toggle.checked || isForOthers(event))
      return;
    event.preventDefault();
    action();
  });
}

function isForOthers(event) {
  return event.defaultPrevented || event.repeat || event.ctrlKey || event.altKey || event.metaKey
    || event.target.closest(TAKES_KEYS) !== null
    || (event.key === ' ' && event.target.closest(TAKES_SPACE) !== null);
}

function recall() {
  try {
    return localStorage.getItem(STORED_AS);
  } catch {
    return null; // storage may be forbidden; then the choice lasts as long as the page
  }
}

function remember(value) {
  try {
    localStorage.setItem(STORED_AS, value);
  } catch {
    // as above
  }
}
