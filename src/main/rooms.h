/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One of each room, and how they follow the settings: at the start as after every reload. Main
 * thread. */
#pragma once

#include "access/gate.h"
#include "access/tls.h"
#include "camera/data-use.h"
#include "config/changes.h"
#include "http/http.h"
#include "main/diagnosis.h"
#include "main/listeners.h"
#include "main/outside.h"
#include "push/pushes.h"
#include "remote/remote.h"
#include "rtsp/server.h"

typedef struct {
  PhConfig *config; /* NULL until some were applied */
  PhGate *gate;
  PhTls *tls; /* nullable: nobody logs in */
  PhListeners listeners;
  GPtrArray *cameras; /* element-type PhCamera, in the order of the settings */
  GPtrArray *leaving; /* the same, of those that are in no settings any more but not stopped yet */
  PhViewers *viewers;
  PhRtspServer *rtsp;
  PhHttp *http;
  PhRemote *remote;
  PhDiagnosis *diagnosis;
  PhOutside *outside;
  PhPushes *pushes;
  PhDataUse *data_use;
} PhRooms;

/* Nobody is heard before ph_rooms_apply (). */
PhRooms *ph_rooms_new (const PhConfig *config, PhUsers *users);
/* All of config, or nothing: FALSE when a port is taken or a certificate cannot be used, and
 * everything is as before. What is the same in it as before is not touched. changes (nullable) is
 * filled in. config and users are referenced. */
gboolean ph_rooms_apply (
    PhRooms *self, PhConfig *config, PhUsers *users, PhChanges *changes, GError **error);
/* Sends viewers away, closes devices, joins every thread. */
void ph_rooms_free (PhRooms *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRooms, ph_rooms_free)
