/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a SETUP may choose from: its Transport header (RFC 2326, section 12.39) lists what the
 * client can do, best first. Any thread. */
#pragma once

#include <gst/rtsp/rtsp.h>

typedef enum {
  PH_RTSP_OFFER_CLEAR, /* RTP/AVP, whichever way */
  PH_RTSP_OFFER_TLS, /* RTP/AVP in the connection, which has TLS: nothing goes in clear beside it */
  PH_RTSP_OFFER_SRTP /* RTP/SAVP, whichever way */
} PhRtspOffer;

/* Leaves in setup, in one header, those transports that can be had; if none can, all stay. Fields
 * that GStreamer does not know are left out: it would warn of each in the log. GStreamer reads a
 * header with commas as several, and of these gst-rtsp-server looks at the first only. Where there
 * is nothing but SRTP, RTP/AVP becomes RTP/SAVP: ffmpeg decrypts what the SDP has a key for (RFC
 * 4568), and asks for RTP/AVP all the same. */
void ph_rtsp_transport_keep_possible_any (GstRTSPMessage *setup, PhRtspOffer offer);

/* Whether one that it names is SRTP (RFC 3711): RTP/SAVP or RTP/SAVPF. */
gboolean ph_rtsp_transport_has_srtp_any (GstRTSPMessage *setup);
