// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows the few things every part of the page does to elements.

/** Leaves text alone that is already there: screen readers and selections notice otherwise. */
export function setText(element, text) {
  if (element.textContent !== text)
    element.textContent = text;
}

/** Gives a <select> these [value, text] pairs; value '' when the asked one is not among them. */
export function fillSelect(select, list, value) {
  const key = JSON.stringify(list);
  if (select.dataset.key !== key) {
    select.replaceChildren(...list.map(([each, text]) => new Option(text, each)));
    select.dataset.key = key;
  }
  select.value = list.some(([each]) => each === value) ? value : '';
}

export function cloneTemplate(template) {
  return template.content.firstElementChild.cloneNode(true);
}
