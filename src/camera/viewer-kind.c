/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/feed.h"

const char *
ph_viewer_kind_to_string (PhViewerKind kind)
{
  static const char *const names[PH_VIEWER_LAST] = { "rtsp", "hls", "mp4", "mjpeg", "snapshot" };

  return kind < PH_VIEWER_LAST ? names[kind] : "unknown";
}
