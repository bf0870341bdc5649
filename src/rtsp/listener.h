/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Listens for RTSP connections, with TLS and without, and accepts them. Rtsp thread, but where it
 * says otherwise. */
#pragma once

#include "rtsp/guard.h"

typedef struct _PhRtspListener PhRtspListener;

/* Takes connection, which was accepted from wire. */
typedef void (*PhRtspListenerFunc) (
    GstRTSPConnection *connection, PhRtspWire wire, gpointer user_data);

/* Any thread. context is that of the rtsp thread. */
PhRtspListener *ph_rtsp_listener_new (
    GMainContext *context, PhRtspListenerFunc take, gpointer user_data);
/* Any thread, once the rtsp thread has ended. */
void ph_rtsp_listener_free (PhRtspListener *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRtspListener, ph_rtsp_listener_free)

/* What is listened to from the next ph_rtsp_listener_follow_on_rtsp() on, which it wakes the rtsp
 * thread for: element-type GSocket, kept; NULL: nothing. tls_sockets need a certificate. */
void ph_rtsp_listener_set_sockets_any (
    PhRtspListener *self, GPtrArray *sockets, GPtrArray *tls_sockets);
/* That of those who connect from now on; kept. */
void ph_rtsp_listener_set_certificate_any (PhRtspListener *self, GTlsCertificate *certificate);

/* Listens to the sockets that were set last, and no more to those before. To be called whenever the
 * thread wakes up. */
void ph_rtsp_listener_follow_on_rtsp (PhRtspListener *self);
/* Listens to nothing any more. */
void ph_rtsp_listener_close_on_rtsp (PhRtspListener *self);
