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
#include "http/doctor-api.h"
#include "http/events.h"
#include "http/guard.h"
#include "http/reach.h"
#include "http/settings-api.h"

typedef struct _PhHttp PhHttp;

/* config is copied. cameras (element-type PhCamera) is referenced, and may change: feeds that go
 * with it are told by ph_http_drop_feed (). rtsp_port is the one shown in URLs. */
PhHttp *ph_http_new (const PhHttpConfig *config, GPtrArray *cameras, guint rtsp_port);
/* Sends every viewer away and takes their taps off, so the cameras must still be there. */
void ph_http_free (PhHttp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhHttp, ph_http_free)

/* Once: gets whoever watches; viewers is kept, not copied, and outlives self. */
void ph_http_set_viewers (PhHttp *self, PhViewers *viewers);
/* Once: who knows the settings; owner is copied. */
void ph_http_set_settings (PhHttp *self, const PhSettingsOwner *owner);

/* Each of these may be called again at any time; who is connected stays so. */

/* config is copied. What it says of HLS holds for a stream when nobody watches it any more. */
void ph_http_set_config (PhHttp *self, const PhHttpConfig *config);
/* Those shown in URLs; tls_port 0: there is no RTSP over TLS. */
void ph_http_set_rtsp_ports (PhHttp *self, guint port, guint tls_port);
/* Who may look. gate is kept, not copied, and outlives self; the same each time. config is only
 * read. */
void ph_http_set_access (PhHttp *self, PhGate *gate, const PhAccessConfig *config);
/* The certificate of HTTPS from now on; tls is referenced, and a new certificate of it taken. NULL:
 * as before. */
void ph_http_set_tls (PhHttp *self, PhTls *tls);
/* As ph_http_server_set_sockets(). */
void ph_http_set_sockets (PhHttp *self, GPtrArray *sockets, GPtrArray *tls_sockets);
/* camera is in the settings no more: players of its HLS are told so for a while. To be followed by
 * ph_http_drop_feed() for each of its feeds. */
void ph_http_end_camera (PhHttp *self, PhCamera *camera);
/* No camera has feed any more: whoever watches it is sent away, and no tap of ours is left on it.
 */
void ph_http_drop_feed (PhHttp *self, PhFeed *feed);

/* 0 while it does not listen. */
guint ph_http_get_port (PhHttp *self);
guint ph_http_get_tls_port (PhHttp *self);

/* guard is copied; without one everything is allowed. */
void ph_http_set_guard (PhHttp *self, const PhHttpGuard *guard);
/* Lets another room be seen at /metrics, as ph_metrics_add_source(). */
void ph_http_add_metrics (PhHttp *self, PhMetricsSource source, gpointer user_data);
/* For what happens in other rooms; owned by self. */
PhEvents *ph_http_get_events (PhHttp *self);
/* Owned by self. */
PhReach *ph_http_get_reach (PhHttp *self);
PhDoctorApi *ph_http_get_doctor_api (PhHttp *self);
/* For reports of other rooms; owned by self. */
PhApi *ph_http_get_api (PhHttp *self);
