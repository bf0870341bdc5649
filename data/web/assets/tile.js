// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows one camera's tile on the overview: its picture, its state and who watches, in words.

import { resolve } from './api.js';
import { streamsOf } from './choices.js';
import { cloneTemplate, setText } from './dom.js';
import { countViewers, formatSize, formatFramerate, stateSentence, stateWord } from './format.js';
import { mjpeg } from './player-mjpeg.js';
import { mse } from './player-mse.js';
import { snapshots } from './player-snapshots.js';
import { Player } from './player.js';
import { watchElement } from './visibility.js';

const WIDTHS = [320, 640, 960]; // few, so that one encode on the server serves many pages
const STREAMED_FPS = 5;
const SNAPSHOT_AGE_S = 0.4;

export class Tile {
  #parts;
  #player;
  #endless;
  #isFew;
  #camera = null;
  #unwatch;
  #isNear = false;
  #isTabLooked = true;

  /**
   * template: the <template> with a tile's markup. endless: the Turns of endless streams on this
   * page. isFew: so few cameras that every one may have an endless stream.
   */
  constructor({ template, endless, isFew }) {
    this.element = cloneTemplate(template);
    this.#endless = endless;
    this.#isFew = isFew;
    const part = (name) => this.element.querySelector(`.${name}`);
    this.#parts = {
      link: part('tile-link'),
      picture: part('picture'),
      words: part('picture-words'),
      title: part('tile-title'),
      state: part('state'),
      facts: part('tile-facts'),
    };
    this.#player = new Player({
      picture: this.#parts.picture,
      onChange: () => this.#showWords(),
    });
    this.#player.suspend();
    this.#player.play();
    this.#unwatch = watchElement(this.element, (isNear) => {
      this.#isNear = isNear;
      this.#follow();
    });
  }

  update(camera) {
    this.#camera = camera;
    const { link, title, state, facts } = this.#parts;
    link.href = `${camera.name}/`;
    setText(title, camera.title || camera.name);
    setText(state, stateWord(camera));
    state.dataset.state = camera.state;
    setText(facts, factsOf(camera));
    this.#showWords();
    this.#follow();
  }

  setTabLooked(isLooked) {
    this.#isTabLooked = isLooked;
    this.#follow();
  }

  remove() {
    this.#unwatch();
    this.#player.pause();
    this.element.remove();
  }

  #follow() {
    if (this.#camera === null)
      return;
    if (this.#isNear && this.#isTabLooked) {
      this.#player.setCandidates(this.#candidates());
      this.#player.resume();
    } else {
      this.#player.suspend();
    }
  }

  #candidates() {
    const camera = this.#camera;
    const [jpeg] = streamsOf(camera, 'jpeg');
    const h264 = streamsOf(camera, 'h264');
    const candidates = [];
    if (jpeg !== undefined) {
      // Before it ran once the camera does not know its width, nor can we ask for a smaller one.
      const width = this.#widthBelow(jpeg.width);
      if (this.#isFew)
        candidates.push({ way: mjpeg, endless: this.#endless,
          url: String(resolve(jpeg.urls.mjpeg, { width, fps: STREAMED_FPS })) });
      candidates.push({ way: snapshots,
        url: String(resolve(jpeg.urls.snapshot, { width, max_age: SNAPSHOT_AGE_S })) });
    } else if (h264.length > 0 && mse.isSupported()) {
      const thinnest = h264.reduce((a, b) => (b.bitrate < a.bitrate ? b : a));
      candidates.push({ way: mse, endless: this.#endless,
        url: String(resolve(thinnest.urls.mp4)) });
    } else if (camera.urls.snapshot) {
      candidates.push({ way: snapshots,
        url: String(resolve(camera.urls.snapshot, { max_age: SNAPSHOT_AGE_S })) });
    }
    return candidates;
  }

  #widthBelow(fullWidth) {
    const wanted = this.#parts.picture.clientWidth * Math.min(devicePixelRatio, 2);
    const width = WIDTHS.find((candidate) => candidate >= wanted) ?? WIDTHS[WIDTHS.length - 1];
    return fullWidth > width ? width : null;
  }

  #showWords() {
    if (this.#camera === null)
      return;
    const { phase, sentence } = this.#player.status;
    const { words } = this.#parts;
    words.hidden = phase === 'playing' || phase === 'paused';
    if (this.#camera.state === 'lost')
      setText(words, stateSentence(this.#camera));
    else if (phase === 'stalled')
      setText(words, 'No new picture for a few seconds.');
    else
      setText(words, sentence || 'Waiting for a picture…');
  }
}

function factsOf(camera) {
  const [stream] = camera.streams;
  const source = camera.source ?? {};
  const facts = [
    formatSize(stream?.width ?? source.width, stream?.height ?? source.height),
    formatFramerate(stream?.framerate ?? source.framerate),
  ].filter((fact) => fact !== '–');
  const count = countViewers(camera.viewers);
  facts.push(count === 1 ? '1 viewer' : `${count} viewers`);
  return facts.join(' · ');
}
