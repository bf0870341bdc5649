/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `porthole devices` shows: the cameras of this machine with their modes, and the encoders
 * with what came of trying them. */
#pragma once

#include <gio/gio.h>

typedef struct {
  char *source_type; /* "v4l2" or "libcamera", as in settings */
  char *id; /* v4l2: /dev/video0; libcamera: what `camera` takes */
  char *stable_id; /* v4l2: a path that stays the same when cameras are plugged; nullable */
  char *name; /* for people; nullable */
  char *bus; /* where it is plugged in; nullable */
  GArray *modes; /* element-type PhCameraMode */
  char *fault; /* why it cannot be opened; NULL: it can */
} PhFoundCamera;

typedef struct {
  char *factory;
  char *fault; /* why it cannot be used; NULL: it works */
  gboolean is_chosen; /* encoder "auto" takes it */
} PhTriedEncoder;

typedef struct {
  GPtrArray *cameras; /* element-type PhFoundCamera */
  GPtrArray *encoders; /* element-type PhTriedEncoder, in the order they are tried */
} PhDevices;

/* Opens every camera without starting it, and tries every encoder: may take some seconds. Worker
 * thread, or main in a command that only prints. */
PhDevices *ph_devices_find_on_worker (GCancellable *cancellable);
void ph_devices_free (PhDevices *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDevices, ph_devices_free)

/* Empty ones, owned by self, for ph_devices_find_on_worker() and tests. */
PhDevices *ph_devices_new (void);
PhFoundCamera *ph_devices_add_camera (PhDevices *self, const char *source_type, const char *id);
PhTriedEncoder *ph_devices_add_encoder (PhDevices *self, const char *factory);

/* For people, and for machines; free with g_free. */
char *ph_devices_to_text (const PhDevices *self);
char *ph_devices_to_json (const PhDevices *self);

/* Finds and writes them: all that `porthole devices [--json]` does. */
gboolean ph_devices_print (gboolean is_json, GOutputStream *output, GError **error);
