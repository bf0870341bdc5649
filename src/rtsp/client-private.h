/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connection from inside: client.c reads and ends, client-request.c judges requests and lets them
 * wait, client-media.c sets up and plays. Rtsp thread only. */
#pragma once

#include "rtsp/client.h"
#include "rtsp/line.h"

struct _PhRtspClient {
  GstRTSPClient parent_instance;

  const PhRtspCommon *common;
  GstRTSPMountPoints
      *mounts; /* one of the common ones, unowned: the same as long as it is connected */
  PhRtspGuard guard;
  PhLimiterPlace *place; /* as a connection; nullable */
  gboolean is_refused; /* there is no room for it */
  gboolean has_told_of_srtp;
  PhRtspIntake *intake;
  GstRTSPWatch *watch; /* NULL once closed */
  PhRtspLine *line; /* by which the watch is written to */
  GPtrArray *outboxes; /* element-type PhRtspOutbox */
  gint64 since; /* monotonic, microseconds */
  gint64 idle_since; /* the same */

  PhRtspMount *awaited; /* held; NULL: nothing is waited for */
  gint64 awaited_since;
  GQueue held; /* element-type GstRTSPMessage: what came in since, the waiting request first */

  enum { TUNNEL_NONE, TUNNEL_GET, TUNNEL_POST } tunnel;
};

/* From the initialisation of the class: what gst-rtsp-server asks while it handles a request. */
void ph_rtsp_client_answer_for_media (GstRTSPClientClass *klass);

/* Answers request with status and no more; with Retry-After (RFC 2326, section 12.31) if that is
 * because there is no room. */
void ph_rtsp_client_answer_on_rtsp (
    PhRtspClient *self, GstRTSPMessage *request, GstRTSPStatusCode status);

/* Handles message, or keeps a copy of it while one before it waits for a camera. FALSE: there are
 * too many of these. */
gboolean ph_rtsp_client_try_take_request_on_rtsp (PhRtspClient *self, GstRTSPMessage *message);

/* The camera that is waited for is there: what was held is handled, in order. */
void ph_rtsp_client_go_on_with_held_on_rtsp (PhRtspClient *self);
/* It cannot be had: the request that waits for it gets 503, those behind it their turn. */
void ph_rtsp_client_refuse_held_on_rtsp (PhRtspClient *self);
/* Lets go of the camera; the requests stay. */
void ph_rtsp_client_stop_waiting_on_rtsp (PhRtspClient *self);
/* The end of those that were held. */
void ph_rtsp_client_forget_held_on_rtsp (PhRtspClient *self);
