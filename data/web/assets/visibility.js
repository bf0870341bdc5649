// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows whether somebody looks: at the tab, and at one element of it.

const GRACE_MS = 4000; // a glance at another tab costs no reconnect

/**
 * Calls onLooked() and onLeft() by turns; the tab counts as looked at when this is called.
 * mayLeave() → false keeps things running though the tab is hidden (picture in picture).
 */
export function watchTab({ onLooked, onLeft, mayLeave = () => true }) {
  let looked = true;
  let timer = null;

  const leave = () => {
    clearTimeout(timer);
    if (!looked)
      return;
    looked = false;
    onLeft();
  };
  const leaveSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (mayLeave() ? leave() : leaveSoon()), GRACE_MS);
  };
  const look = () => {
    clearTimeout(timer);
    if (!looked) {
      looked = true;
      onLooked();
    }
  };

  document.addEventListener('visibilitychange', () => {
    if (document.hidden)
      leaveSoon();
    else
      look();
  });
  // A page kept for the Back button must not keep its connections.
  window.addEventListener('pagehide', leave);
  window.addEventListener('pageshow', look);
  if (document.hidden)
    leaveSoon();
}

/** onChange(boolean) whenever the element comes near the window or leaves it. */
export function watchElement(element, onChange) {
  const observer = new IntersectionObserver((entries) => {
    onChange(entries[entries.length - 1].isIntersecting);
  }, { rootMargin: '120px' });
  observer.observe(element);
  return () => observer.disconnect();
}
