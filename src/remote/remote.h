/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All of being reached from outside in one: the router, the public address, the ports that are to
 * be open. Main thread. */
#pragma once

#include "base/metrics-text.h"
#include "config/remote-config.h"
#include "remote/port-mapping.h"
#include "remote/public-address.h"

#include <json-glib/json-glib.h>

/* What of this server could be reached. */
typedef struct {
  gboolean has_users;
  const char *listen; /* as http.listen */
  /* Ports that it listens on; 0: it does not. */
  guint https, rtsps, http, rtsp;
} PhRemoteServer;

typedef struct _PhRemote PhRemote;

/* Does nothing before ph_remote_apply (). */
PhRemote *ph_remote_new (void);
/* Follows the settings: asks around as far as they want anything that needs it. config and server
 * are only read. */
void ph_remote_apply (PhRemote *self, const PhRemoteConfig *config, const PhRemoteServer *server);
/* Takes the ports away from the router: returns within about a second. */
void ph_remote_free (PhRemote *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRemote, ph_remote_free)

/* Owned by self; whoever wants to hear of changes connects to its signal. */
PhPublicAddress *ph_remote_get_public_address (PhRemote *self);
PhPortMapping *ph_remote_get_port_mapping (PhRemote *self);
PhRouter *ph_remote_get_router (PhRemote *self);

/* Adds one object: how it all stands. user_data is the PhRemote. */
void ph_remote_report (JsonBuilder *builder, gpointer user_data);
/* For /metrics, as a PhMetricsSource. user_data is the PhRemote. */
void ph_remote_add_metrics (PhMetricsText *text, gpointer user_data);
