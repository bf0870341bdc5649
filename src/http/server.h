/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The HTTP server: listens, and finds for each request its row in the one table of routes, its
 * camera, and the guard's consent before the row's handler sees it. Main thread. */
#pragma once

#include "access/gate.h"
#include "base/listen.h"
#include "config/config.h"
#include "http/ended.h"
#include "http/route.h"

typedef struct _PhHttpServer PhHttpServer;

/* routes is kept, not copied; owners is the struct its owner offsets point into; cameras
 * (element-type PhCamera) is referenced, and may change. Nobody is heard before there are a config
 * and sockets. */
PhHttpServer *ph_http_server_new (
    const PhRoute *routes, guint n_routes, gpointer owners, GPtrArray *cameras);
/* Cameras that routes with has_ended_cameras find as well; ended is kept. */
void ph_http_server_set_ended (PhHttpServer *self, PhEnded *ended);
/* Closes every connection at once. */
void ph_http_server_free (PhHttpServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhHttpServer, ph_http_server_free)

/* Gets whoever watches; kept, not copied; without one nobody is listed. */
void ph_http_server_set_viewers (PhHttpServer *self, PhViewers *viewers);
/* guard is copied; without one everything is allowed. */
void ph_http_server_set_guard (PhHttpServer *self, const PhHttpGuard *guard);
/* The guard judges by other settings from now on. */
void ph_http_server_note_change (PhHttpServer *self);

/* A request is about to be answered by its handler, after the guard let it in. */
typedef void (*PhHttpServed) (SoupServerMessage *message, gpointer user_data);
void ph_http_server_set_served (PhHttpServer *self, PhHttpServed served, gpointer user_data);

/* What requests are judged by: hostnames and redirect. config is kept, not copied. */
void ph_http_server_set_config (PhHttpServer *self, const PhHttpConfig *config);
/* Whose limits hold for connections; without one there are none. Kept. */
void ph_http_server_set_gate (PhHttpServer *self, PhGate *gate);
/* Listens to sockets and, for HTTPS, tls_sockets (ph_listen_open()) in place of those before, of
 * which nobody more is accepted; who is connected stays so. NULL: none. */
void ph_http_server_set_sockets (PhHttpServer *self, GPtrArray *sockets, GPtrArray *tls_sockets);
/* For new connections; the others stay as they are. */
void ph_http_server_set_certificate (PhHttpServer *self, GTlsCertificate *certificate);
/* 0 while it does not listen. */
guint ph_http_server_get_port (PhHttpServer *self);
guint ph_http_server_get_tls_port (PhHttpServer *self);
