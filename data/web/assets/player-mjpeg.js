// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how to show multipart MJPEG. It is read by fetch() and not by an <img>, because an <img>
// tells neither what it used nor that it has stopped.

import { Failure } from './failure.js';
import { MultipartReader } from './multipart.js';
import { drawJpeg } from './picture.js';
import { openStream, readChunks } from './stream-fetch.js';

export const mjpeg = {
  id: 'mjpeg',
  label: 'Pictures (MJPEG)',
  note: 'Plays everywhere. Fewer or smaller pictures need less data.',
  codec: 'jpeg',
  address: 'mjpeg',

  isSupported() {
    return globalThis.createImageBitmap !== undefined;
  },

  /** Shows pictures on canvas until signal aborts; throws Failure. */
  async watch({ url, canvas, signal, report }) {
    const response = await openStream(url, signal);
    const screen = new Screen(canvas, signal, report);
    const parts = new MultipartReader();
    for await (const chunk of readChunks(response, signal)) {
      report.bytes(chunk.length);
      for (const picture of readParts(parts, chunk))
        screen.show(picture);
      screen.throwIfFailed();
    }
    throw new Failure('broken', 'The stream ended.');
  },
};

function readParts(parts, chunk) {
  try {
    return parts.push(chunk);
  } catch (error) {
    throw new Failure('media', `The pictures cannot be read: ${error.message}.`);
  }
}

/** Draws one picture at a time; of those that come meanwhile only the newest is kept. */
class Screen {
  #canvas;
  #signal;
  #report;
  #next = null;
  #isDrawing = false;
  #failure = null;

  constructor(canvas, signal, report) {
    this.#canvas = canvas;
    this.#signal = signal;
    this.#report = report;
  }

  async show(picture) {
    this.#next = picture;
    if (this.#isDrawing)
      return;
    this.#isDrawing = true;
    try {
      while (this.#next !== null && !this.#signal.aborted) {
        const newest = this.#next;
        this.#next = null;
        await drawJpeg(this.#canvas, newest.body);
        this.#report.moved(newest.captured);
      }
    } catch (failure) {
      this.#failure = failure;
    }
    this.#isDrawing = false;
  }

  throwIfFailed() {
    if (this.#failure !== null)
      throw this.#failure;
  }
}
