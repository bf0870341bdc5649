/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Access units on their way through the media pipeline of a mount. */
#pragma once

#include <gst/gst.h>

/* A copy of buffer that shares its memory, without the access unit delimiter (H.264 7.3.2.4) that
 * may stand first: RTP marks where a unit ends, so it would only be one more packet. */
GstBuffer *ph_rtsp_unit_copy_any (GstBuffer *buffer);

/* From here on pad, the source pad of a payloader, gives all packets of a unit in one list, so that
 * each viewer gets each unit with one system call. */
void ph_rtsp_unit_gather (GstPad *pad);

/* The first thing that comes through pad is dropped. */
void ph_rtsp_unit_drop_first (GstPad *pad);
