/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One viewer: a connection, what it has counted, and the protocol it speaks. */
#pragma once

#include "load/auth.h"
#include "load/wire.h"

#include <sys/epoll.h>

typedef struct _LoadViewer LoadViewer;

/* Something the one epoll loop waits for. */
typedef struct _LoadSource LoadSource;
struct _LoadSource {
  void (*ready) (LoadSource *self);
  LoadViewer *viewer;
};

/* What all viewers have in common. */
typedef struct {
  char *url; /* as it was given, without a login */
  GSocketAddress *server;
  char *host; /* as it goes into Host */
  char *path; /* with its query */
  gnutls_certificate_credentials_t tls; /* NULL: in clear */
  LoadLogin login;
  gboolean is_udp;
  gboolean is_discarding; /* nobody looks at what comes now, it is only counted in bytes */
  int epoll;
} LoadTask;

typedef struct {
  const char *name;
  gsize size; /* of its viewers; a LoadViewer comes first */
  void (*connected) (LoadViewer *viewer);
  /* Returns how much of data it has used up; what is left comes again, with more behind it. */
  gsize (*take) (LoadViewer *viewer, const guint8 *data, gsize size);
  void (*clear) (LoadViewer *viewer); /* nullable */
} LoadKind;

struct _LoadViewer {
  const LoadKind *kind;
  const LoadTask *task;
  LoadSource source;
  LoadWire wire;
  GByteArray *rest; /* of what was read, not used up yet; NULL: nothing */
  gsize to_skip; /* bytes that come and are of no interest */

  gint64 connecting_since; /* monotonic, microseconds, as all of these */
  gint64 playing_since; /* 0: not yet */
  gint64 first_picture; /* 0: not yet */
  const char *failure; /* NULL: none */

  guint64 n_frames; /* whole access units, JPEGs or answers */
  guint64 n_gaps; /* RTP packets that are missing */
  guint64 n_bytes;
};

LoadViewer *load_viewer_new (const LoadKind *kind, const LoadTask *task);
void load_viewer_free (LoadViewer *self);

/* Connects, anew if need be. */
void load_viewer_connect (LoadViewer *self);
void load_viewer_fail (LoadViewer *self, const char *reason);
void load_viewer_send (LoadViewer *self, const char *text);
void load_viewer_note_playing (LoadViewer *self);
/* is_keyframe: it can be decoded without another one. */
void load_viewer_note_frame (LoadViewer *self, gboolean is_keyframe);

/* The length of the head at data, up to and with its empty line; 0: not whole yet. */
gsize load_find_head (const guint8 *data, gsize size);
/* The number behind name ("Content-Length:") in head; fallback without it. */
gint64 load_head_get_number (const char *head, const char *name, gint64 fallback);

extern const LoadKind load_kind_rtsp, load_kind_mjpeg, load_kind_mp4, load_kind_get;
