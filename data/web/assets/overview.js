// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows the page of all cameras: keeps a tile per camera as the API lists them, and lets tiles show
// pictures only while somebody looks.

import { fetchCameras, Poll } from './api.js';
import { formatSeconds, stateWord } from './format.js';
import { OutsideCard } from './outside-card.js';
import { showSession } from './session.js';
import { Tile } from './tile.js';
import { Turns } from './turns.js';
import { watchTab } from './visibility.js';

const POLL_MS = 2000;
// Of the six connections a browser opens to one server, endless streams may have this many: with
// few cameras one each, else the rest is for snapshots (player-snapshots.js).
const FEW_CAMERAS = 3;
const ENDLESS_IF_FEW = 3;
const ENDLESS_IF_MANY = 2;

class Overview {
  #list = document.getElementById('tiles');
  #template = document.getElementById('tile-template');
  #notice = document.getElementById('notice');
  #summary = document.getElementById('summary');
  #announcer = document.getElementById('announcer');
  #tiles = new Map(); // by camera name
  #states = new Map(); // what was last announced
  #isFew = null;
  #endless = null;
  #isLooked = true;
  #poll = new Poll({
    ask: fetchCameras,
    intervalMs: POLL_MS,
    onAnswer: (cameras) => this.#show(cameras),
    onError: (error, seconds) => {
      this.#say(`${error.message} Trying again in ${formatSeconds(seconds)}.`);
    },
  });

  start() {
    watchTab({ onLooked: () => this.#setLooked(true), onLeft: () => this.#setLooked(false) });
    this.#poll.start();
    this.#offerOutside();
  }

  async #offerOutside() {
    if (await showSession())
      new OutsideCard(document.getElementById('outside')).start();
  }

  #setLooked(isLooked) {
    this.#isLooked = isLooked;
    for (const tile of this.#tiles.values())
      tile.setTabLooked(isLooked);
    if (isLooked)
      this.#poll.start();
    else
      this.#poll.stop();
  }

  #show(cameras) {
    this.#say(cameras.length === 0 ? 'There is no camera in the settings.' : '');
    this.#summary.textContent = cameras.length === 1 ? '1 camera' : `${cameras.length} cameras`;
    this.#ensureBudget(cameras.length);
    this.#removeOthers(new Set(cameras.map((camera) => camera.name)));
    cameras.forEach((camera, index) => this.#ensureTile(camera, index));
    this.#announce(cameras);
  }

  /** Going from few cameras to many, or back, changes how all of them are watched. */
  #ensureBudget(count) {
    const isFew = count <= FEW_CAMERAS;
    if (isFew === this.#isFew)
      return;
    this.#removeOthers(new Set());
    this.#isFew = isFew;
    this.#endless = new Turns(isFew ? ENDLESS_IF_FEW : ENDLESS_IF_MANY);
    this.#list.dataset.count = count;
  }

  #removeOthers(names) {
    for (const [name, tile] of this.#tiles) {
      if (!names.has(name)) {
        tile.remove();
        this.#tiles.delete(name);
      }
    }
  }

  #ensureTile(camera, index) {
    let tile = this.#tiles.get(camera.name);
    if (tile === undefined) {
      tile = new Tile({ template: this.#template, endless: this.#endless, isFew: this.#isFew });
      tile.setTabLooked(this.#isLooked);
      this.#tiles.set(camera.name, tile);
    }
    tile.update(camera);
    if (this.#list.children[index] !== tile.element)
      this.#list.insertBefore(tile.element, this.#list.children[index] ?? null);
  }

  /** Only what a listener would want to be told unasked: a camera going, and its coming back. */
  #announce(cameras) {
    const news = [];
    for (const camera of cameras) {
      const before = this.#states.get(camera.name);
      const isNews = camera.state === 'lost' ? before !== 'lost'
        : camera.state === 'live' && before === 'lost';
      if (isNews)
        news.push(`${camera.title || camera.name}: ${stateWord(camera)}.`);
      if (camera.state === 'lost' || camera.state === 'live')
        this.#states.set(camera.name, camera.state);
    }
    if (news.length > 0)
      this.#announcer.textContent = news.join(' ');
  }

  #say(sentence) {
    this.#notice.textContent = sentence;
    this.#notice.hidden = sentence === '';
  }
}

new Overview().start();
