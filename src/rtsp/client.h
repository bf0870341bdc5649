/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One RTSP connection. gst-rtsp-server speaks the protocol; reading, sending and waiting are ours:
 * its own client sends a stuck viewer up to ten seconds of old pictures, and makes everybody wait
 * in its thread while one asks for a camera that is slow to start. Rtsp thread only. */
#pragma once

#include "camera/viewers.h"
#include "rtsp/guard.h"
#include "rtsp/intake.h"
#include "rtsp/mount.h"

#include <gst/rtsp-server/rtsp-server.h>

#define PH_TYPE_RTSP_CLIENT (ph_rtsp_client_get_type ())
G_DECLARE_FINAL_TYPE (PhRtspClient, ph_rtsp_client, PH, RTSP_CLIENT, GstRTSPClient)

/* What the clients of a server share. */
typedef struct {
  GMainContext *context; /* of the rtsp thread */
  PhGate *gate; /* nullable: everybody is let in */
  GstRTSPSessionPool *sessions;
  GstRTSPMountPoints *mounts; /* unowned */
  GstRTSPMountPoints *saving_mounts; /* the same for who must save; unowned */
  GstRTSPThreadPool *threads; /* for the buses of the medias */
  GHashTable *tunnels; /* id -> PhRtspClient with half of an HTTP tunnel, owned */
  PhViewers *viewers; /* nullable */
  guint max_age_ms; /* atomic: what may wait for a viewer over TCP */
  PhMailbox *ending; /* gets references on clients that are to be closed */
  /* The connection is gone: the last that is heard of the client. */
  void (*closed) (PhRtspClient *client, gpointer owner);
  gpointer owner;
} PhRtspCommon;

/* Takes connection; common is kept, not copied. NULL: there are far too many, it is closed. */
PhRtspClient *ph_rtsp_client_new_on_rtsp (
    GstRTSPConnection *connection, PhRtspWire wire, const PhRtspCommon *common);

/* Owned by self. */
PhRtspIntake *ph_rtsp_client_get_intake_on_rtsp (PhRtspClient *self);

/* A mount that is waited for may have news. */
void ph_rtsp_client_take_news_on_rtsp (PhRtspClient *self, PhRtspMount *mount);

/* To be called every second or so: gives up waiting, closes connections nobody uses or reads. */
void ph_rtsp_client_tick_on_rtsp (PhRtspClient *self);

/* Ends the connection, which may free self, if users would not let in any more what it plays. */
void ph_rtsp_client_ask_again_on_rtsp (PhRtspClient *self, const PhUsers *users);

/* Ends the connection and what it plays, which may free self. Does nothing the second time. */
void ph_rtsp_client_close_on_rtsp (PhRtspClient *self);
