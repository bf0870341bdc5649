/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a SETUP may choose from: its Transport header (RFC 2326, section 12.39) lists what the
 * client can do, best first. Any thread. */
#pragma once

#include <gst/rtsp/rtsp.h>

/* Leaves in setup, in one header, those transports that can be had; if none can, it stays as it is.
 * GStreamer reads a header with commas as several, and of these gst-rtsp-server looks at the first
 * only. is_private: the connection has TLS, and nothing goes in clear beside it. */
void ph_rtsp_transport_keep_possible_any (GstRTSPMessage *setup, gboolean is_private);

/* Whether one that it names is SRTP (RFC 3711): RTP/SAVP or RTP/SAVPF. */
gboolean ph_rtsp_transport_has_srtp_any (GstRTSPMessage *setup);
