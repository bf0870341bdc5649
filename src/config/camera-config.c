/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/camera-config.h"

const PhStreamConfig *
ph_camera_config_find_stream (const PhCameraConfig *self, const char *name, PhCodec codec)
{
  for (guint i = 0; i < self->streams->len; i++) {
    const PhStreamConfig *stream = g_ptr_array_index (self->streams, i);

    if (name != NULL ? g_str_equal (stream->name, name) : stream->codec == codec)
      return stream;
  }
  return NULL;
}
