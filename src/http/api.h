/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What programs ask: /api/v1 and /healthz, in JSON. Main thread. */
#pragma once

#include "http/request.h"

#include <json-glib/json-glib.h>

typedef struct _PhApi PhApi;

/* cameras (element-type PhCamera) is referenced. rtsp_port is the one that stands in the URLs. */
PhApi *ph_api_new (GPtrArray *cameras, guint rtsp_port);
/* tls_port: of RTSP over TLS; 0, as it is at first: there is none. */
void ph_api_set_rtsp_ports (PhApi *self, guint port, guint tls_port);
void ph_api_free (PhApi *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhApi, ph_api_free)

/* Adds one object (or array) to builder. */
typedef void (*PhApiReport) (JsonBuilder *builder, gpointer user_data);

/* Lets another room be seen at /api/v1/NAME; name is a literal. */
void ph_api_add_report (PhApi *self, const char *name, PhApiReport report, gpointer user_data);

/* record: what was asked for, as table describes it. FALSE with an error whose message the client
 * gets: PH_ERROR_NOT_FOUND becomes 404, anything else 409. */
typedef gboolean (*PhApiAction) (gpointer record, gpointer user_data, GError **error);

/* Lets another room be told something by POST to /api/v1/NAME, with a JSON body; the answer is its
 * report then. For administrators. */
void ph_api_add_action (
    PhApi *self, const char *name, const PhTable *table, PhApiAction action, gpointer user_data);

/* user_data is the PhApi. */
void ph_api_handle_health (PhRequest *request, gpointer user_data);
void ph_api_handle_cameras (PhRequest *request, gpointer user_data);
void ph_api_handle_camera (PhRequest *request, gpointer user_data);
void ph_api_handle_restart (PhRequest *request, gpointer user_data);
void ph_api_handle_report (PhRequest *request, gpointer user_data);
void ph_api_handle_action (PhRequest *request, gpointer user_data);
