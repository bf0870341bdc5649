// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows one camera's page: puts together the player, the choices, the camera's state and the
// addresses. Each part fills its own piece of camera.html.

import { AgeMeter } from './age-meter.js';
import { cameraNameOf, fetchCamera, Poll, resolve, serverClock } from './api.js';
import { AdminCard } from './admin-card.js';
import { CameraCard } from './camera-card.js';
import { candidatesFor, chosenStream, optionsFor, readChoice, toFragment, waysFor }
  from './choices.js';
import { DataMeter } from './data-meter.js';
import { fillSelect, setText } from './dom.js';
import { formatAge, formatBytes, formatSeconds, formatSize, joinSentences, snapshotFileName }
  from './format.js';
import { Fullscreen } from './fullscreen.js';
import { LinkList } from './link-list.js';
import { drawVideo } from './picture.js';
import { Player } from './player.js';
import { showSession } from './session.js';
import { Share } from './share.js';
import { listenForKeys } from './shortcuts.js';
import { watchTab } from './visibility.js';

const POLL_MS = 2000;
const TICK_MS = 1000;
const byId = (id) => document.getElementById(id);

class CameraPage {
  #name = cameraNameOf(window.location);
  #camera = null;
  #choice = readChoice(window.location.hash);
  #meter = new DataMeter();
  #ages = new AgeMeter();
  #card = new CameraCard(document);
  #links = new LinkList(byId('links'), byId('link-template'), (text) => this.#announce(text));
  #share = new Share(byId('share'), byId('link-template'), (text) => this.#announce(text));
  #admin = new AdminCard(byId('admin'), (text) => this.#announce(text));
  #isLooked = true;
  #pollError = '';
  #announced = '';
  #player = new Player({
    picture: byId('picture'),
    onChange: (status) => this.#onPlayerChanged(status),
    onShown: (captured) => this.#onShown(captured),
    onBytes: (count, { estimated }) => this.#meter.add(count, { estimated }),
    measuredBitrate: () => this.#measuredBitrate(),
  });
  #fullscreen = new Fullscreen(byId('stage'), (isOn) => {
    byId('fullscreen-label').textContent = isOn ? 'Leave full screen' : 'Full screen';
  });
  #poll = new Poll({
    ask: (signal) => fetchCamera(this.#name, signal, (count) => this.#meter.add(count)),
    intervalMs: POLL_MS,
    onAnswer: (camera) => this.#onAnswer(camera),
    onError: (error, seconds) => this.#onPollError(error, seconds),
  });

  start() {
    showSession();
    document.title = `${this.#name} – Porthole`;
    byId('title').textContent = this.#name;
    byId('choices').addEventListener('change', (event) => this.#onChosen(event.target));
    byId('choices').addEventListener('submit', (event) => event.preventDefault());
    byId('pause').addEventListener('click', () => this.#togglePause());
    byId('snapshot').addEventListener('click', (event) => this.#saveSnapshot(event));
    byId('fullscreen').addEventListener('click', () => this.#fullscreen.toggle());
    byId('picture').addEventListener('dblclick', () => this.#fullscreen.toggle());
    window.addEventListener('hashchange', () => this.#onFragmentChanged());
    listenForKeys(byId('shortcuts'), {
      ' ': () => this.#togglePause(),
      f: () => this.#fullscreen.toggle(),
      s: () => byId('snapshot').click(),
    });
    watchTab({
      onLooked: () => this.#setLooked(true),
      onLeft: () => this.#setLooked(false),
      mayLeave: () => document.pictureInPictureElement === null
        || document.pictureInPictureElement === undefined,
    });
    setInterval(() => this.#tick(), TICK_MS);
    this.#showPlayback();
    this.#player.play();
    this.#poll.start();
  }

  #setLooked(isLooked) {
    this.#isLooked = isLooked;
    if (isLooked) {
      this.#player.resume();
      this.#poll.start();
    } else {
      this.#player.suspend();
      this.#poll.stop();
    }
  }

  #onAnswer(camera) {
    this.#camera = camera;
    this.#pollError = '';
    const title = camera.title || camera.name;
    document.title = `${title} – Porthole`;
    setText(byId('title'), title);
    byId('picture').querySelector('canvas').setAttribute('aria-label', `Picture of ${title}`);
    byId('picture').querySelector('video').setAttribute('aria-label', `Picture of ${title}`);
    this.#card.show(camera);
    this.#links.show(camera);
    this.#share.show(camera);
    this.#admin.show(camera);
    this.#shapeFrame();
    this.#showChoices();
    this.#showPlayback();
    byId('snapshot').href = camera.urls.snapshot ? resolve(camera.urls.snapshot) : '';
    this.#player.setCandidates(candidatesFor(camera, this.#choice));
  }

  #onPollError(error, seconds) {
    this.#pollError = error.status === 404
      ? `There is no camera named “${this.#name}” here.`
      : `${error.message} Trying again in ${formatSeconds(seconds)}.`;
    this.#showPlayback();
  }

  #onChosen(field) {
    this.#choice[field.name] = field.value;
    if (field.name === 'way')
      this.#choice = { way: this.#choice.way, stream: '', fps: '', width: '' };
    history.replaceState(null, '', toFragment(this.#choice) || window.location.pathname);
    this.#applyChoice();
    this.#player.play();
  }

  #onFragmentChanged() {
    this.#choice = readChoice(window.location.hash);
    this.#applyChoice();
  }

  #applyChoice() {
    if (this.#camera === null)
      return;
    this.#showChoices();
    this.#player.setCandidates(candidatesFor(this.#camera, this.#choice));
    this.#showPlayback();
  }

  #showChoices() {
    const options = optionsFor(this.#camera, this.#choice);
    for (const [name, list] of Object.entries(options))
      fillSelect(byId(name), list, this.#choice[name]);
    const [first] = candidatesFor(this.#camera, this.#choice);
    for (const field of document.querySelectorAll('[data-only]'))
      field.hidden = field.dataset.only !== first?.way.id;
  }

  /** The frame has the picture's shape, before there is a picture where the API knows it. */
  #shapeFrame() {
    const stream = chosenStream(this.#camera, this.#choice);
    const { width, height } = this.#player.size.width > 0 ? this.#player.size
      : { width: stream?.width, height: stream?.height };
    if (width > 0 && height > 0)
      byId('picture').style.aspectRatio = `${width} / ${height}`;
  }

  #measuredBitrate() {
    const streams = this.#camera?.streams ?? [];
    const stream = streams.find(({ name }) => name === this.#choice.stream)
      ?? streams.find(({ codec }) => codec === 'h264');
    return stream?.measured?.bitrate || stream?.bitrate || 0;
  }

  #togglePause() {
    if (this.#player.isWanted && this.#player.status.phase !== 'blocked')
      this.#player.pause();
    else
      this.#player.play();
  }

  /** The server's own JPEG where the camera has one, else the picture that is on the screen. */
  #saveSnapshot(event) {
    const link = byId('snapshot');
    link.download = snapshotFileName(this.#name, new Date());
    if (this.#camera === null || this.#camera.urls.snapshot)
      return;
    event.preventDefault();
    const canvas = document.createElement('canvas');
    if (!drawVideo(canvas, byId('picture').querySelector('video'))) {
      this.#announce('There is no picture to save yet.');
      return;
    }
    canvas.toBlob((blob) => {
      const picture = document.createElement('a');
      picture.href = URL.createObjectURL(blob);
      picture.download = link.download;
      picture.click();
      setTimeout(() => URL.revokeObjectURL(picture.href), 10000);
    }, 'image/jpeg', 0.92);
  }

  #onShown(captured) {
    const now = serverClock.now();
    if (captured !== null && now !== null)
      this.#ages.add(now - captured);
  }

  #onPlayerChanged(status) {
    if (status.phase === 'connecting')
      this.#ages.reset();
    this.#showPlayback();
    if (status.phase === 'playing')
      this.#announce(`${byId('title').textContent}: live picture, ${status.way.label}.`);
    else if (status.phase === 'waiting')
      this.#announce(status.sentence);
  }

  /** Everything that says how watching goes. */
  #showPlayback() {
    const { status } = this.#player;
    const isPlaying = status.phase === 'playing';
    const offersPlay = !this.#player.isWanted || status.phase === 'blocked';
    byId('pause').dataset.offers = offersPlay ? 'play' : 'pause';
    setText(byId('pause-label'), offersPlay ? 'Play' : 'Pause');
    byId('live').hidden = !isPlaying;
    setText(byId('words'), isPlaying ? '' : this.#words(status));
    byId('words').hidden = isPlaying;
    setText(byId('way-note'), status.way !== null && status.phase !== 'waiting'
      ? `${status.way.label}. ${status.way.note}` : '');
    setText(byId('notice'), this.#pollError);
    byId('notice').hidden = this.#pollError === '';
  }

  #words({ phase, sentence, retryAt }) {
    switch (phase) {
      case 'paused':
        return 'Paused. No pictures are being fetched.';
      case 'stalled':
        return 'No new picture for a few seconds. The line or the camera is slow.';
      case 'blocked':
        return 'The browser wants you to press Play.';
      case 'waiting': {
        const seconds = Math.max(0, (retryAt - performance.now()) / 1000);
        return joinSentences(sentence, `Trying again in ${formatSeconds(seconds)}.`);
      }
      case 'connecting':
        return sentence ? 'Trying again…' : 'Waiting for the first picture…';
      default:
        if (this.#camera !== null && waysFor(this.#camera).length === 0)
          return 'This browser can show none of the camera’s streams.';
        return this.#pollError ? '' : 'Connecting…';
    }
  }

  #tick() {
    if (!this.#isLooked)
      return;
    const about = this.#meter.isEstimated ? 'about ' : '';
    const { rate } = this.#meter;
    setText(byId('data-total'), `${about}${formatBytes(this.#meter.total)}`);
    const perHour = rate === null ? '–' : `${about}${formatBytes(rate * 3600)} per hour`;
    setText(byId('data-rate'), perHour);
    const { width, height } = this.#player.size;
    setText(byId('picture-size'), formatSize(width, height));
    const { buffered } = this.#player;
    setText(byId('buffered'), buffered === null ? '–' : `${buffered.toFixed(1)}\u00a0s`);
    setText(byId('picture-age'), formatAge(this.#ages.age, this.#ages.drift));
    if (this.#player.status.phase === 'waiting')
      this.#showPlayback();
    if (this.#camera !== null)
      this.#shapeFrame();
  }

  /** Polite, and never the same twice in a row. */
  #announce(text) {
    if (text === this.#announced)
      return;
    this.#announced = text;
    byId('announcer').textContent = text;
  }
}

new CameraPage().start();
