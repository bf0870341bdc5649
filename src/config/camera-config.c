/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/camera-config.h"

#include "base/record.h"
#include "config/tables.h"

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

PhCameraConfig *
ph_camera_config_dup (const PhCameraConfig *self)
{
  PhCameraConfig *copy = ph_record_dup (&ph_camera_table, self);

  copy->file = g_strdup (self->file);
  return copy;
}

void
ph_camera_config_free (PhCameraConfig *self)
{
  ph_table_free_record (&ph_camera_table, self);
}

static PhCameraDifference
compare_streams (const PhStreamConfig *before, const PhStreamConfig *after)
{
  const char *key = before->codec == PH_CODEC_H264 ? "bitrate" : "quality";

  if (ph_record_is_equal (&ph_stream_table, before, after))
    return PH_CAMERA_SAME;
  return ph_record_is_equal_but (&ph_stream_table, before, after, key) ? PH_CAMERA_TUNED
                                                                       : PH_CAMERA_REBUILT;
}

PhCameraDifference
ph_camera_config_compare (const PhCameraConfig *before, const PhCameraConfig *after)
{
  PhCameraDifference difference = PH_CAMERA_SAME;

  if (!ph_record_is_equal (&ph_source_table, before->source, after->source) ||
      g_strcmp0 (before->encoder, after->encoder) != 0 ||
      before->streams->len != after->streams->len)
    return PH_CAMERA_REBUILT;
  for (guint i = 0; i < before->streams->len; i++)
    difference = MAX (difference, compare_streams (g_ptr_array_index (before->streams, i),
                                      g_ptr_array_index (after->streams, i)));
  return difference;
}
