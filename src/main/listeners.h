/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sockets that HTTP and RTSP listen on, each of them with TLS and without: opened all together,
 * before any is used. Main thread. */
#pragma once

#include "config/config.h"

#include <gio/gio.h>

typedef enum {
  PH_LISTENER_HTTP,
  PH_LISTENER_HTTPS,
  PH_LISTENER_RTSP,
  PH_LISTENER_RTSPS,
  PH_N_LISTENERS
} PhListener;

typedef struct {
  GPtrArray *sockets[PH_N_LISTENERS]; /* element-type GSocket; NULL: not listened on */
} PhListeners;

/* What config asks for. before: what is open by before_config (nullable: nothing); what is to stay
 * the same is shared with it, and the rest opened beside it. Errors: those of ph_listen_open();
 * then nothing new is open. */
gboolean ph_listeners_open (PhListeners *self, const PhConfig *config, const PhListeners *before,
    const PhConfig *before_config, GError **error);
void ph_listeners_clear (PhListeners *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhListeners, ph_listeners_clear)
