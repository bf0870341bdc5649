// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows signed links: makes one that shows this camera for a while, lists those there are, revokes.

import { askJson } from './api.js';
import { cloneTemplate, setText } from './dom.js';
import { LinkList } from './link-list.js';

export class Share {
  #card;
  #announce;
  #made;
  #url = null; // where links are made; null: not by this user
  #newest = null; // the id of the link whose addresses are shown

  constructor(card, linkTemplate, announce) {
    this.#card = card;
    this.#announce = announce;
    this.#made = new LinkList(this.#part('made'), linkTemplate, announce);
    this.#part('form').addEventListener('submit', (event) => this.#make(event));
  }

  show(camera) {
    const url = camera.urls.links ?? null;
    this.#card.hidden = url === null;
    if (url === this.#url)
      return;
    this.#url = url;
    if (url !== null)
      this.#try(() => this.#list());
  }

  #part(name) {
    return this.#card.querySelector(`.share-${name}`);
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

  #make(event) {
    event.preventDefault();
    const duration = Number(this.#part('duration').value);
    this.#try(async () => {
      const link = await askJson('POST', this.#url, { duration });
      this.#newest = link.id;
      this.#made.show({ streams: [], urls: link.urls });
      this.#part('made').querySelector('button').focus();
      this.#announce('The link is made. Its addresses can be copied now.');
      await this.#list();
    });
  }

  async #list() {
    const { links } = await askJson('GET', this.#url);
    this.#part('list').replaceChildren(...links.map((link) => this.#makeItem(link)));
    this.#part('list-heading').hidden = links.length === 0;
    if (!links.some(({ id }) => id === this.#newest))
      this.#made.show({ streams: [], urls: {} });
  }

  #makeItem(link) {
    const item = cloneTemplate(this.#card.querySelector('template'));
    const until = new Date(link.until).toLocaleString([], {
      dateStyle: 'medium', timeStyle: 'short' });
    const facts = [`until ${until}`, link.stream && `${link.stream} only`,
      link.user && `by ${link.user}`];
    const sentence = facts.filter(Boolean).join(', ');
    setText(item.querySelector('span'), sentence);
    const button = item.querySelector('button');
    button.setAttribute('aria-label', `Revoke the link ${sentence}`);
    button.addEventListener('click', () => this.#try(async () => {
      await askJson('DELETE', `${this.#url}/${link.id}`);
      this.#announce('The link is revoked.');
      await this.#list();
    }));
    return item;
  }
}
