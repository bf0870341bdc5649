/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The RTSP server: /CAMERA/STREAM for each H.264 stream, and /CAMERA for the first of them. (A
 * camera that has JPEG streams only has these instead, RFC 2435.) It has one thread of its own for
 * all connections. Main thread only. */
#pragma once

#include "access/gate.h"
#include "access/tls.h"
#include "base/listen.h"
#include "camera/camera.h"
#include "config/config.h"

typedef struct _PhRtspServer PhRtspServer;

/* Listens at once, and serves. cameras: element-type PhCamera; they are kept. config is copied
 * from. gate says who may look, and outlives the server; NULL: everybody may. tls: for RTSP over
 * TLS on a port of its own; NULL: there is none. Errors: those of ph_listen_open(). */
PhRtspServer *ph_rtsp_server_new (const PhRtspConfig *config, PhListenScope scope,
    GPtrArray *cameras, PhGate *gate, PhTls *tls, GError **error);

guint ph_rtsp_server_get_port (PhRtspServer *self);
/* 0 without TLS. */
guint ph_rtsp_server_get_tls_port (PhRtspServer *self);

/* Sends everybody away, takes its taps off the feeds and ends its thread; cameras can be stopped
 * then. Does nothing the second time. */
void ph_rtsp_server_stop (PhRtspServer *self);

/* Stops it first. */
void ph_rtsp_server_free (PhRtspServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRtspServer, ph_rtsp_server_free)
