// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows what an admin does with a camera: restarts it, sees who watches, sends somebody away.

import { askJson } from './api.js';
import { cloneTemplate, setText } from './dom.js';
import { formatViewer } from './format.js';

export class AdminCard {
  #card;
  #announce;
  #camera = null; // its name; null: not for this user
  #restart = null; // where it is restarted
  #isListing = false;
  #items = new Map(); // <li> by viewer's id

  constructor(card, announce) {
    this.#card = card;
    this.#announce = announce;
    this.#part('restart').addEventListener('click', () => this.#try(async () => {
      await askJson('POST', this.#restart);
      this.#announce('The camera is restarted.');
    }));
  }

  /** Also the time to look again who watches. */
  show(camera) {
    this.#restart = camera.urls.restart ?? null;
    this.#card.hidden = this.#restart === null;
    this.#camera = camera.name;
    if (this.#restart !== null && !this.#isListing)
      this.#list().catch(() => {}); // the page says already that nobody answers
  }

  #part(name) {
    return this.#card.querySelector(`.admin-${name}`);
  }

  /** What goes wrong is said in the card. */
  async #try(work) {
    setText(this.#part('error'), '');
    try {
      await work();
    } catch (error) {
      setText(this.#part('error'), error.message);
    }
  }

  async #list() {
    this.#isListing = true;
    try {
      const { viewers } = await askJson('GET', 'api/v1/viewers');
      this.#showViewers(viewers.filter(({ camera }) => camera === this.#camera));
    } finally {
      this.#isListing = false;
    }
  }

  #showViewers(viewers) {
    const ids = new Set(viewers.map(({ id }) => id));
    for (const [id, item] of this.#items) {
      if (!ids.has(id)) {
        item.remove();
        this.#items.delete(id);
      }
    }
    for (const viewer of viewers)
      if (!this.#items.has(viewer.id))
        this.#add(viewer);
    this.#part('nobody').hidden = viewers.length > 0;
  }

  #add(viewer) {
    const item = cloneTemplate(this.#card.querySelector('template'));
    const button = item.querySelector('button');
    const sentence = formatViewer(viewer);
    setText(item.querySelector('span'), sentence);
    button.setAttribute('aria-label', `Disconnect ${sentence}`);
    button.addEventListener('click', () => this.#try(async () => {
      await askJson('DELETE', `api/v1/viewers/${viewer.id}`);
      this.#announce('The viewer is disconnected.');
      await this.#list();
    }));
    this.#items.set(viewer.id, item);
    this.#part('viewers').append(item);
  }
}
