/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of all settings; a new key is a new row here and nowhere else. Constant data. */
#pragma once

#include "base/fields.h"

/* Lists of words that rows allow and other rooms may need. All NULL-terminated. */
extern const char *const ph_encoder_choices[];

extern const PhTable ph_source_table;
extern const PhTable ph_stream_table;
extern const PhTable ph_push_table;
extern const PhTable ph_camera_table; /* the reader's user data must be a PhCameraCensus */

extern const PhTable ph_access_table;
extern const PhTable ph_tls_table;
extern const PhTable ph_http_table;
extern const PhTable ph_remote_table;
extern const PhTable ph_ddns_order_table; /* PhDdnsOrder */
extern const PhTable ph_rtsp_table;
extern const PhTable ph_settings_table; /* the same */

/* What must be unique among all cameras of one settings file: to check it, each camera that is read
 * is noted here with the file it came from. */
typedef struct {
  GHashTable *names; /* name -> file */
  GHashTable *devices; /* device or libcamera id -> camera's name */
  GHashTable *files; /* camera files read, canonical: each counts once */
} PhCameraCensus;

PhCameraCensus ph_camera_census_new (void);
void ph_camera_census_clear (PhCameraCensus *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhCameraCensus, ph_camera_census_clear)
