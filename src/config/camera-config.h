/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a camera definition (pipelines/NAME.json) says, after checking: every value is in its range
 * and every relative path is made absolute. Plain data, immutable once loaded; any thread. */
#pragma once

#include <glib.h>

typedef enum {
  PH_SOURCE_LIBCAMERA,
  PH_SOURCE_V4L2,
  PH_SOURCE_RTSP,
  PH_SOURCE_FILE,
  PH_SOURCE_TEST,
  PH_SOURCE_LAUNCH
} PhSourceType;

typedef enum { PH_V4L2_AUTO, PH_V4L2_RAW, PH_V4L2_MJPEG, PH_V4L2_H264 } PhV4l2Format;
typedef enum { PH_TRANSPORT_AUTO, PH_TRANSPORT_UDP, PH_TRANSPORT_TCP } PhTransport;
typedef enum { PH_CODEC_H264, PH_CODEC_JPEG } PhCodec;

typedef struct {
  PhSourceType type;
  guint width, height; /* pixels; 0: as the source has it */
  double framerate; /* frames/s; 0: as the source has it */

  char *camera; /* libcamera: id; NULL: the first */
  char *device; /* v4l2: /dev/video0 */
  PhV4l2Format format; /* v4l2 */
  char *url; /* rtsp */
  char *username; /* rtsp; nullable */
  char *password_file; /* rtsp; nullable; absolute */
  PhTransport transport; /* rtsp */
  char *path; /* file; absolute */
  char *pattern; /* test */
  char *launch; /* launch */
} PhSourceConfig;

typedef struct {
  char *name; /* [a-z0-9-]+ */
  PhCodec codec;
  guint width, height; /* pixels; 0: as the source */
  double framerate; /* frames/s; 0: as the source */
  guint bitrate; /* h264: kbit/s */
  double keyframe_interval; /* h264: seconds */
  guint quality; /* jpeg: 1 to 100 */
} PhStreamConfig;

typedef struct {
  char *url; /* rtsp:// or rtsps://, without user and password */
  char *stream; /* NULL: the first H.264 stream */
  char *username; /* nullable */
  char *password_file; /* nullable; absolute */
} PhPushConfig;

typedef struct {
  char *name; /* [a-z0-9-]+, the path in every URL */
  char *title; /* never NULL: the name when not given */
  PhSourceConfig *source;
  GPtrArray *streams; /* element-type PhStreamConfig; never empty */
  GPtrArray *pushes; /* element-type PhPushConfig; their streams are H.264 */
  char *encoder; /* "auto" or a GStreamer factory from the encoder table */
  gboolean is_anonymous; /* anybody may look */
  double linger; /* seconds the device stays open after the last viewer */
  char *file; /* the settings file it came from; NULL: built in */
} PhCameraConfig;

/* The first stream with this name; name NULL: the first with this codec. NULL when there is none.
 * Owned by the camera definition. */
const PhStreamConfig *ph_camera_config_find_stream (
    const PhCameraConfig *self, const char *name, PhCodec codec);

/* A deep copy that outlives the settings it stood in. */
PhCameraConfig *ph_camera_config_dup (const PhCameraConfig *self);
void ph_camera_config_free (PhCameraConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhCameraConfig, ph_camera_config_free)

/* How far a camera that runs by the one definition is from the other. */
typedef enum {
  PH_CAMERA_SAME, /* its pipeline: the title, who may look and such may differ */
  PH_CAMERA_TUNED, /* bitrates or qualities only, which an encoder may be told while it runs */
  PH_CAMERA_REBUILT
} PhCameraDifference;

PhCameraDifference ph_camera_config_compare (
    const PhCameraConfig *before, const PhCameraConfig *after);
