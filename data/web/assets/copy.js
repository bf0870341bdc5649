// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how text gets to the clipboard, also on plain HTTP where browsers have no clipboard API.

/** → whether it was copied. When not, the text is left selected for the user's own Ctrl+C. */
export async function copyFrom(input) {
  try {
    await navigator.clipboard.writeText(input.value);
    return true;
  } catch {
    // Not a secure context, or not allowed: the old way needs a selection.
  }
  input.focus();
  input.select();
  input.setSelectionRange(0, input.value.length);
  try {
    return document.execCommand('copy');
  } catch {
    return false;
  }
}
