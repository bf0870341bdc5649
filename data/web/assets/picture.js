// SPDX-License-Identifier: LGPL-2.1-or-later
// Knows how a JPEG gets onto a canvas.

import { Failure } from './failure.js';

/** jpeg: Uint8Array or Blob. Throws Failure when it is not a picture. */
export async function drawJpeg(canvas, jpeg) {
  const blob = jpeg instanceof Blob ? jpeg : new Blob([jpeg], { type: 'image/jpeg' });
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob);
  } catch {
    throw new Failure('media', 'A picture cannot be decoded.');
  }
  draw(canvas, bitmap, bitmap.width, bitmap.height);
  bitmap.close();
}

export function hasPicture(video) {
  return video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && video.videoWidth > 0
    && !video.seeking;
}

/** → whether the video had a picture to draw. */
export function drawVideo(canvas, video) {
  if (!hasPicture(video))
    return false;
  draw(canvas, video, video.videoWidth, video.videoHeight);
  return true;
}

function draw(canvas, image, width, height) {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  canvas.getContext('2d', { alpha: false }).drawImage(image, 0, 0);
}
