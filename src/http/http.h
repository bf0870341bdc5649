/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All of HTTP in one: the table of routes, the server that walks it, and those who answer. Main
 * thread. */
#pragma once

#include "access/gate.h"
#include "access/tls.h"
#include "base/listen.h"
#include "base/metrics-text.h"
#include "config/config.h"
#include "http/api.h"
#include "http/guard.h"

typedef struct _PhHttp PhHttp;

/* config is kept, not copied. cameras (element-type PhCamera) is referenced. rtsp_port is the one
 * shown in URLs. */
PhHttp *ph_http_new (const PhHttpConfig *config, GPtrArray *cameras, guint rtsp_port);
/* Sends every viewer away and takes their taps off, so the cameras must still be there. */
void ph_http_free (PhHttp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhHttp, ph_http_free)

/* Errors: PH_ERROR_UNAVAILABLE (the port is taken, …), PH_ERROR_SETTINGS. */
gboolean ph_http_listen (PhHttp *self, PhListenScope scope, GError **error);
/* Once, HTTPS on tls_port; tls is referenced, and a new certificate of it taken. Errors: the same.
 */
gboolean ph_http_listen_tls (PhHttp *self, PhTls *tls, PhListenScope scope, GError **error);
/* 0 while it does not listen. */
guint ph_http_get_port (PhHttp *self);
guint ph_http_get_tls_port (PhHttp *self);

/* guard is copied; without one everything is allowed. */
void ph_http_set_guard (PhHttp *self, const PhHttpGuard *guard);
/* Once: who may look. gate is kept, not copied, and outlives self; config is only read. */
void ph_http_set_access (PhHttp *self, PhGate *gate, const PhAccessConfig *config);
/* Lets another room be seen at /metrics, as ph_metrics_add_source(). */
void ph_http_add_metrics (PhHttp *self, PhMetricsSource source, gpointer user_data);
/* For reports of other rooms; owned by self. */
PhApi *ph_http_get_api (PhHttp *self);
