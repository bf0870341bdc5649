/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A JPEG feed scaled to a width: decodes and encodes once for all who tap it, and only while
 * somebody does. Main thread only. */
#pragma once

#include "camera/feed.h"

typedef struct _PhScaledJpeg PhScaledJpeg;

/* width in pixels; the height follows from the source's aspect ratio. quality 1 to 100. Takes a
 * reference on source. */
PhScaledJpeg *ph_scaled_jpeg_new (PhFeed *source, guint width, guint quality);
/* Taps on its feed get nothing more. */
void ph_scaled_jpeg_free (PhScaledJpeg *self);

/* Owned by self. */
PhFeed *ph_scaled_jpeg_get_feed (PhScaledJpeg *self);
PhFeed *ph_scaled_jpeg_get_source (PhScaledJpeg *self);
guint ph_scaled_jpeg_get_width (PhScaledJpeg *self);
