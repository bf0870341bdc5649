/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The H.264 encoders Porthole knows, best first, and which of them works here. All of them are told
 * the same: constant bitrate, no B-frames, constrained baseline profile (every browser and NVR
 * plays it), lowest latency; all make a keyframe when a force-key-unit event asks for one. */
#pragma once

#include <gio/gio.h>

typedef struct {
  const char *factory; /* GStreamer element */
  const char *plugin; /* GStreamer plugin that registers it when the machine has the device */
  const char *format; /* raw video format that is handed to it */
  const char *colorimetry; /* the one it is sure to take; NULL: any */
  gboolean is_software;
  const char *text; /* gst-launch text; <words> stand for what is wished, see encoder.c */
  /* The property that says the bit rate and that some take while they run; nullable. */
  const char *bitrate_property;
  guint bitrate_unit; /* bit/s */
} PhEncoder;

typedef struct {
  guint width, height; /* pixels */
  double framerate; /* frames/s */
  guint bitrate; /* kbit/s */
  guint keyframe_interval; /* frames */
} PhEncoderWish;

/* In the order they are tried; ends with a row without factory. Any thread. */
const PhEncoder *ph_encoder_get_table (void);
/* NULL: not in the table. Any thread. */
const PhEncoder *ph_encoder_find (const char *factory);

/* The encoder and the caps behind it as gst-launch text; free with g_free. Any thread. */
char *ph_encoder_make_text (const PhEncoder *self, const PhEncoderWish *wish);

/* "3.1", "4", …: the lowest level (ITU-T H.264 table A-1), from 3.1 up, that holds wish. Any
 * thread. */
const char *ph_encoder_get_level (const PhEncoderWish *wish);

/* Encodes a few frames of the wished size. NULL: it works; else the words that say why not ("not
 * installed", "no device", …), free with g_free. Answers are remembered: a success for good, a
 * failure for some minutes. At most five seconds, ten for software. Worker thread. */
char *ph_encoder_try_on_worker (
    const PhEncoder *self, const PhEncoderWish *wish, GCancellable *cancellable);

typedef char *(*PhEncoderTryFunc) (
    const PhEncoder *encoder, const PhEncoderWish *wish, GCancellable *cancellable);

/* The first of the table that try finds working; asked other than "auto": that one or an error.
 * reason gets the clause that says why not the ones before it, NULL when there is none to name;
 * free with g_free. PH_ERROR_UNSUPPORTED when nothing works, G_IO_ERROR_CANCELLED. */
const PhEncoder *ph_encoder_choose_on_worker (const char *asked, const PhEncoderWish *wish,
    PhEncoderTryFunc try, GCancellable *cancellable, char **reason, GError **error);
