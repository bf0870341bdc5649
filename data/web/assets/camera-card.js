// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how the API's account of one camera is shown: state, source, viewers, streams.

import { cloneTemplate, setText } from './dom.js';
import { formatBitrate, formatFramerate, formatSize, formatStream, formatViewers,
  stateSentence, stateWord } from './format.js';

export class CameraCard {
  #parts;
  #streams = new Map(); // <li> by stream name

  constructor(document) {
    const byId = (id) => document.getElementById(id);
    this.#parts = {
      state: byId('state'),
      sentence: byId('state-sentence'),
      source: byId('source'),
      viewers: byId('viewers'),
      list: byId('streams'),
      template: byId('stream-template'),
    };
  }

  show(camera) {
    const { state, sentence, source, viewers } = this.#parts;
    setText(state, stateWord(camera));
    state.dataset.state = camera.state;
    setText(sentence, stateSentence(camera));
    setText(source, describeSource(camera.source));
    setText(viewers, formatViewers(camera.viewers));
    this.#showStreams(camera.streams);
  }

  #showStreams(streams) {
    const names = new Set(streams.map(({ name }) => name));
    for (const [name, item] of this.#streams) {
      if (!names.has(name)) {
        item.remove();
        this.#streams.delete(name);
      }
    }
    for (const stream of streams)
      showStream(this.#ensureStream(stream.name), stream);
  }

  #ensureStream(name) {
    let item = this.#streams.get(name);
    if (item === undefined) {
      item = cloneTemplate(this.#parts.template);
      this.#streams.set(name, item);
      this.#parts.list.append(item);
    }
    return item;
  }
}

function showStream(item, stream) {
  const set = (name, text) => setText(item.querySelector(`.stream-${name}`), text);
  set('name', stream.name);
  set('format', formatStream(stream));
  set('measured', describeMeasured(stream));
  set('encoder', describeEncoder(stream));
  set('viewers', formatViewers(stream.viewers));
}

function describeSource(source) {
  const facts = [source?.type, formatSize(source?.width, source?.height),
    formatFramerate(source?.framerate)];
  return facts.filter((fact) => fact && fact !== '–').join(', ') || '–';
}

function describeMeasured({ running, measured }) {
  if (!running || !measured)
    return 'not running';
  const rates = `${formatFramerate(measured.framerate)}, ${formatBitrate(measured.bitrate)}`;
  return measured.dropped > 0 ? `${rates}, ${measured.dropped} dropped` : rates;
}

function describeEncoder({ passthrough, encoder, running }) {
  if (passthrough)
    return 'none, passed through as the camera sends it';
  return encoder ?? (running ? '–' : 'not started yet');
}
