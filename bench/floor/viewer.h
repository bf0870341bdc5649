/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connection to the floor server. */
#pragma once

#include "floor/clip.h"

#include <netinet/in.h>

typedef enum { FLOOR_WAY_NONE, FLOOR_WAY_TCP, FLOOR_WAY_UDP, FLOOR_WAY_MJPEG } FloorWay;

typedef struct {
  int fd;
  GString *request; /* what came in of it */
  FloorWay way;
  gboolean is_playing;
  gboolean has_keyframe; /* was sent one */
  struct sockaddr_in address; /* for UDP */
  GByteArray *unsent; /* the rest of a picture; nullable */
} FloorViewer;

FloorViewer *floor_viewer_new (int fd);
void floor_viewer_free (FloorViewer *self);

/* Reads and answers; sdp describes the clip. FALSE: the connection is over. */
gboolean floor_viewer_read (FloorViewer *self, const char *sdp, guint16 udp_port);

/* One system call; a viewer that has not taken the last picture misses this one. */
void floor_viewer_send (FloorViewer *self, const FloorUnit *unit, int udp_socket);
/* The rest of a picture, once the socket can be written to. */
void floor_viewer_flush (FloorViewer *self);
