/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The HTTP server: listens, and finds for each request its row in the one table of routes, its
 * camera, and the guard's consent before the row's handler sees it. Main thread. */
#pragma once

#include "base/listen.h"
#include "config/config.h"
#include "http/route.h"

typedef struct _PhHttpServer PhHttpServer;

/* routes is kept, not copied; owners is the struct its owner offsets point into; cameras
 * (element-type PhCamera) is referenced. */
PhHttpServer *ph_http_server_new (
    const PhRoute *routes, guint n_routes, gpointer owners, GPtrArray *cameras);
/* Closes every connection at once. */
void ph_http_server_free (PhHttpServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhHttpServer, ph_http_server_free)

/* guard is copied; without one everything is allowed. */
void ph_http_server_set_guard (PhHttpServer *self, const PhHttpGuard *guard);

/* config is kept, not copied; its port 0 takes any free one. Errors: PH_ERROR_UNAVAILABLE,
 * PH_ERROR_SETTINGS. */
gboolean ph_http_server_listen (
    PhHttpServer *self, const PhHttpConfig *config, PhListenScope scope, GError **error);
/* The same for HTTPS on config->tls_port, once there is a certificate. */
gboolean ph_http_server_listen_tls (
    PhHttpServer *self, const PhHttpConfig *config, PhListenScope scope, GError **error);
/* For new connections; the others stay as they are. */
void ph_http_server_set_certificate (PhHttpServer *self, GTlsCertificate *certificate);
/* 0 while it does not listen. */
guint ph_http_server_get_port (PhHttpServer *self);
guint ph_http_server_get_tls_port (PhHttpServer *self);
