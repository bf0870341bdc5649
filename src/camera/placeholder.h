/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a feed carries while its camera is lost: a still picture with some words, at a low rate,
 * encoded as the camera's pictures are, so that viewers need not connect anew. It runs from new to
 * free, or until the camera's own keyframe takes the feed back. Main thread. */
#pragma once

#include "camera/encoder.h"
#include "camera/feed.h"

typedef struct _PhPlaceholder PhPlaceholder;

typedef struct {
  PhEncoderWish wish; /* H.264; for JPEG size and framerate alone count */
  const PhEncoder *encoder; /* NULL: JPEG */
  guint quality; /* JPEG: 1 to 100 */
} PhPlaceholderFormat;

/* Called in the main thread, never from inside a ph_placeholder_* call; the owner is to free it. */
typedef struct {
  void (*ended) (PhPlaceholder *placeholder, gpointer owner); /* the camera is back */
  void (*failed) (PhPlaceholder *placeholder, const char *reason, gpointer owner);
  gpointer owner;
} PhPlaceholderOwner;

/* The camera's pipeline must be gone. words is Pango markup. The shape of the pixels and the
 * colorimetry are those of what the feed carried before, which also makes the parameter sets the
 * same where the encoder is. Without the element textoverlay there are no words.
 * PH_ERROR_UNSUPPORTED when it cannot be built. */
PhPlaceholder *ph_placeholder_new (PhFeed *feed, const PhPlaceholderFormat *format,
    const char *words, const PhPlaceholderOwner *owner, GError **error);
void ph_placeholder_set_words (PhPlaceholder *self, const char *words);
PhFeed *ph_placeholder_get_feed (PhPlaceholder *self);
void ph_placeholder_free (PhPlaceholder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhPlaceholder, ph_placeholder_free)
