// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows what may be chosen on a camera's page and what a choice means in addresses. The choice
// lives in the page's fragment (#way=mjpeg&fps=2), so that a reload and a bookmark keep it.

import { resolve } from './api.js';
import { formatBitrate, formatSize } from './format.js';
import { hls } from './player-hls.js';
import { mjpeg } from './player-mjpeg.js';
import { mse } from './player-mse.js';

const RATES = [15, 10, 5, 2, 1];
const WIDTHS = [1280, 960, 640, 480, 320, 160];

export const WAYS = [mse, hls, mjpeg];

export function readChoice(fragment) {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''));
  return Object.fromEntries(['way', 'stream', 'fps', 'width']
    .map((name) => [name, fields.get(name) ?? '']));
}

export function toFragment(choice) {
  const chosen = Object.entries(choice).filter(([, value]) => value !== '');
  return chosen.length > 0 ? `#${new URLSearchParams(chosen)}` : '';
}

/** Ways this browser and this camera both have. */
export function waysFor(camera) {
  return WAYS.filter((way) => way.isSupported() && streamsOf(camera, way.codec).length > 0);
}

export function streamsOf(camera, codec) {
  return camera.streams.filter((stream) => stream.codec === codec);
}

/** What each field offers now: { way, stream, fps, width }, each a list of [value, text]. */
export function optionsFor(camera, choice) {
  const codec = codecOf(camera, choice);
  return {
    way: [['', 'Automatic'], ...waysFor(camera).map((way) => [way.id, way.label])],
    stream: streamsOf(camera, codec).map((stream, index) => [index === 0 ? '' : stream.name,
      describe(stream)]),
    fps: [['', 'All'], ...smallerThan(RATES, chosenStream(camera, choice)?.framerate)],
    width: [['', 'Full size'], ...smallerThan(WIDTHS, chosenStream(camera, choice)?.width)],
  };
}

/** Ways in the order to try them, with addresses. */
export function candidatesFor(camera, choice) {
  const ways = waysFor(camera);
  const chosen = ways.filter((way) => way.id === choice.way);
  return (chosen.length > 0 ? chosen : ways).map((way) => {
    const stream = streamNamed(camera, way.codec, choice.stream);
    const thin = way === mjpeg ? { fps: choice.fps, width: choice.width } : {};
    return { way, url: String(resolve(stream.urls[way.address], thin)) };
  });
}

/** The stream the choice means; undefined when the camera has none this browser can show. */
export function chosenStream(camera, choice) {
  return streamNamed(camera, codecOf(camera, choice), choice.stream);
}

function codecOf(camera, choice) {
  const ways = waysFor(camera);
  return (ways.find((way) => way.id === choice.way) ?? ways[0])?.codec;
}

function streamNamed(camera, codec, name) {
  const streams = streamsOf(camera, codec);
  return streams.find((stream) => stream.name === name) ?? streams[0];
}

function describe(stream) {
  const facts = [formatSize(stream.width, stream.height), formatBitrate(stream.bitrate)];
  const known = facts.filter((fact) => fact !== '–');
  return known.length > 0 ? `${stream.name} (${known.join(', ')})` : stream.name;
}

function smallerThan(values, limit) {
  return values.filter((value) => !(limit > 0) || value < limit)
    .map((value) => [String(value), String(value)]);
}
