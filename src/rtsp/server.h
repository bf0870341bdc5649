/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The RTSP server: /CAMERA/STREAM for each H.264 stream, and /CAMERA for the first of them. (A
 * camera that has JPEG streams only has these instead, RFC 2435.) It has one thread of its own for
 * all connections. Main thread only. */
#pragma once

#include "access/gate.h"
#include "access/tls.h"
#include "base/listen.h"
#include "camera/camera.h"
#include "camera/viewers.h"
#include "config/config.h"

typedef struct _PhRtspServer PhRtspServer;

/* Starts its thread; nobody is heard before ph_rtsp_server_set_sockets (). gate says who may look,
 * and outlives the server; NULL: everybody may. viewers (nullable) gets who watches, and outlives
 * it too. */
PhRtspServer *ph_rtsp_server_new (PhGate *gate, PhViewers *viewers);

/* Each of these may be called again at any time; who is connected stays so but where it says
 * otherwise. */

/* config is copied from. What it says of multicast and threads holds for streams that nobody plays
 * yet. */
void ph_rtsp_server_set_config (PhRtspServer *self, const PhRtspConfig *config);
/* cameras: element-type PhCamera; they are kept. Feeds that are not among theirs any more are
 * served no more: whoever plays one is sent away, and its tap is taken off before this returns. */
void ph_rtsp_server_set_cameras (PhRtspServer *self, GPtrArray *cameras);
/* The certificate of those who connect from now on; NULL: as before. */
void ph_rtsp_server_set_tls (PhRtspServer *self, PhTls *tls);
/* sockets, tls_sockets: those of ph_listen_open(), in place of the ones before, which are listened
 * to no more; NULL: none. */
void ph_rtsp_server_set_sockets (PhRtspServer *self, GPtrArray *sockets, GPtrArray *tls_sockets);

/* 0 without one. */
guint ph_rtsp_server_get_port (PhRtspServer *self);
guint ph_rtsp_server_get_tls_port (PhRtspServer *self);

/* Sends everybody away, takes its taps off the feeds and ends its thread; cameras can be stopped
 * then. Does nothing the second time. */
void ph_rtsp_server_stop (PhRtspServer *self);

/* Stops it first. */
void ph_rtsp_server_free (PhRtspServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRtspServer, ph_rtsp_server_free)
