// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows the list of addresses for VLC, NVRs, browsers and scripts, each with a button to copy it.

import { resolve } from './api.js';
import { copyFrom } from './copy.js';
import { cloneTemplate, setText } from './dom.js';

const COPIED_FOR_MS = 2000;

export class LinkList {
  #list;
  #template;
  #announce;
  #items = new Map(); // by label

  constructor(list, template, announce) {
    this.#list = list;
    this.#template = template;
    this.#announce = announce;
  }

  show(camera) {
    const links = linksOf(camera);
    const labels = new Set(links.map(([label]) => label));
    for (const [label, item] of this.#items) {
      if (!labels.has(label)) {
        item.remove();
        this.#items.delete(label);
      }
    }
    for (const [label, url] of links) {
      const input = this.#ensureItem(label).querySelector('input');
      if (input.value !== url)
        input.value = url;
    }
  }

  #ensureItem(label) {
    let item = this.#items.get(label);
    if (item === undefined) {
      item = cloneTemplate(this.#template);
      this.#fill(item, label, `${this.#list.id}-${this.#items.size}`);
      this.#items.set(label, item);
      this.#list.append(item);
    }
    return item;
  }

  #fill(item, label, id) {
    const input = item.querySelector('input');
    const button = item.querySelector('button');
    const caption = item.querySelector('label');
    input.id = id;
    caption.htmlFor = id;
    caption.textContent = label;
    button.setAttribute('aria-label', `Copy ${label}`);
    input.addEventListener('focus', () => input.select());
    button.addEventListener('click', () => this.#copy(input, button, label));
  }

  async #copy(input, button, label) {
    const isCopied = await copyFrom(input);
    setText(button, isCopied ? 'Copied' : 'Ctrl+C');
    this.#announce(isCopied ? `${label} copied.` : 'Selected. Press Ctrl and C to copy.');
    if (isCopied)
      button.focus();
    setTimeout(() => setText(button, 'Copy'), COPIED_FOR_MS);
  }
}

/** [label, absolute URL]: RTSP of every stream first, then what HTTP has of the camera. */
function linksOf(camera) {
  const links = [];
  for (const [kind, label] of [['rtsp', 'RTSP'], ['rtsps', 'RTSP over TLS']])
    for (const stream of camera.streams)
      if (stream.urls[kind])
        links.push([`${label}, ${stream.name}`, stream.urls[kind]]);
  for (const [kind, label] of [['hls', 'HLS'], ['mp4', 'MP4, endless'], ['mjpeg', 'MJPEG'],
    ['snapshot', 'Snapshot, JPEG']])
    if (camera.urls[kind])
      links.push([label, String(resolve(camera.urls[kind]))]);
  return links;
}
