/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The key of a stream that is sent by SRTP (RFC 3711). gst-rtsp-server and srtpenc encrypt, once
 * for all who watch, and put the key into the SDP as MIKEY (RFC 4567); whoever made the SDP sees to
 * it that nobody else reads it. Rtsp thread. */
#pragma once

#include <gst/rtsp-server/rtsp-server.h>

/* Gives the encoder of stream, when it is made, a key that is its own and random. srtpenc would
 * make one by a generator that others get their numbers from, too (g_random_int), and in 1.22
 * writes it two bytes beyond its end. */
void ph_rtsp_srtp_give_key (GstRTSPStream *stream);

/* Adds the key to the first media of sdp, which is that of stream, as a=crypto (RFC 4568), too:
 * ffmpeg knows no MIKEY. */
void ph_rtsp_srtp_describe_on_rtsp (GstRTSPStream *stream, GstSDPMessage *sdp);
