/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One immutable snapshot of all settings: porthole.json and the camera files that it names.
 * A reload makes a new one. Reference counted; reading needs no lock; any thread. */
#pragma once

#include "base/file-view.h"
#include "base/listen.h"
#include "config/access-config.h"
#include "config/camera-config.h"
#include "config/remote-config.h"

#include <glib.h>

typedef struct {
  char *listen; /* "any", "loopback" or an address */
  guint port;
  guint tls_port;
  gboolean redirect; /* from port to tls_port */
  char **hostnames; /* names it is reached by, beside those it knows itself; never NULL */
  char **cors; /* origins whose pages may read what is served, or "*"; never NULL */
  char *acme_webroot; /* nullable: folder of challenges */
  double segment_duration; /* seconds an HLS segment aims at */
  double part_duration; /* seconds an HLS part takes, at least one frame; 0: no parts */
  guint playlist_segments; /* HLS segments kept in a playlist */
  double mp4_max_age; /* seconds that fragments may wait for a slow viewer */
  double mjpeg_max_age; /* seconds that a picture may wait for a slow viewer */
} PhHttpConfig;

typedef struct {
  char *listen;
  guint port;
  guint tls_port;
  gboolean multicast;
  char *multicast_address; /* "FIRST-LAST" or one address (RFC 2365) */
  guint multicast_port; /* first of the range */
  double max_age; /* seconds that access units may wait for a slow viewer over TCP */
  guint threads; /* that may send a stream to its viewers; 0: as many as there are processors */
} PhRtspConfig;

typedef struct {
  PhHttpConfig *http;
  PhRtspConfig *rtsp;
  PhAccessConfig *access;
  PhTlsConfig *tls;
  PhRemoteConfig *remote;
  GPtrArray *cameras; /* element-type PhCameraConfig, in the order of the settings, names unique */
  char *file; /* NULL: built-in defaults, there is no settings file */
} PhConfig;

/* The settings files that are looked for when none is named; free with g_strfreev. */
char **ph_config_list_places (void);
/* The settings file that is read when none is named; free with g_free. NULL: there is none. */
char *ph_config_find_file (void);

/* Loads file and all camera files it names. file NULL: the first that exists of
 * $XDG_CONFIG_HOME/porthole/porthole.json and SYSCONFDIR/porthole/porthole.json; without any, the
 * built-in settings with one test camera. Blocks on the disk.
 * problems gets one sentence for every fault of every file ("FILE: JSON-PATH: found X; allowed Y"),
 * element-type char *. Returns NULL and sets PH_ERROR_SETTINGS if there is any. */
PhConfig *ph_config_load (const char *file, GPtrArray **problems, GError **error);

/* The same, of the files as view (nullable) shows them. Worker thread, as it blocks. */
PhConfig *ph_config_load_view_on_worker (
    const char *file, const PhFileView *view, GPtrArray **problems, GError **error);

/* The same for one camera file alone (porthole check FILE), on built-in server settings. */
PhConfig *ph_config_load_camera (const char *file, GPtrArray **problems, GError **error);

/* Whether file is a camera's and not a settings file, by its keys; FALSE as well when it cannot be
 * read, which loading it then tells. */
gboolean ph_config_is_camera_file (const char *file);

/* A copy that outlives the settings. */
PhHttpConfig *ph_http_config_dup (const PhHttpConfig *self);
void ph_http_config_free (PhHttpConfig *self);

/* Where servers may listen: without users nobody but this machine may look, unless the settings ask
 * for somebody without a name to be let in. */
PhListenScope ph_config_get_listen_scope (const PhConfig *self);

/* Whether the settings ask for any server to be heard by more than this machine. */
gboolean ph_config_is_for_others (const PhConfig *self);

PhConfig *ph_config_ref (PhConfig *self);
void ph_config_unref (PhConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhConfig, ph_config_unref)

/* The JSON Schema (draft 2020-12) of porthole.json and of a camera file; free with g_free. */
char *ph_config_make_schema (void);
char *ph_config_make_camera_schema (void);
/* The option tables of porthole.json(5), in man(7) markup; free with g_free. */
char *ph_config_make_man_tables (void);
