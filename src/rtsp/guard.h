/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks access/ for each request of a connection who sends it and whether that one may see the
 * camera. Players send their credentials with all of them; who sent the last is remembered only to
 * end what plays once that one may no longer see it. Rtsp thread. */
#pragma once

#include "access/gate.h"

#include <gst/rtsp/rtsp.h>

/* What each method asks for. OPTIONS, with which players begin and keep a session alive, shows
 * nothing. Others are answered with 405 or 501. */
typedef struct {
  GstRTSPMethod method;
  PhPermission permission;
} PhRtspMethod;
#define PH_RTSP_N_METHODS 8
extern const PhRtspMethod ph_rtsp_methods[PH_RTSP_N_METHODS];

typedef enum { PH_RTSP_WIRE_PLAIN, PH_RTSP_WIRE_TLS } PhRtspWire;

typedef struct {
  PhGate *gate; /* nullable: everybody is let in */
  GInetAddress *peer;
  PhRtspWire wire;
  /* What was let in. */
  char *name; /* nullable: without one */
  PhUsers *users; /* by whom it was judged; NULL: nothing was let in */
  GPtrArray *cameras; /* element-type char *, each once; nullable */
} PhRtspGuard;

/* gate is kept, connection is only read. Clear it even so. */
void ph_rtsp_guard_init (
    PhRtspGuard *self, PhGate *gate, GstRTSPConnection *connection, PhRtspWire wire);
void ph_rtsp_guard_clear (PhRtspGuard *self);

/* TRUE: the request may be handled. FALSE: refusal, which this initialises, is the answer to it:
 * 401 with what may be sent (RFC 2326, section 14.46), 503 with Retry-After for who guesses
 * passwords, 404 for a camera that this user may not know of. */
gboolean ph_rtsp_guard_admits_on_rtsp (
    PhRtspGuard *self, GstRTSPMessage *request, GstRTSPMessage *refusal);

/* The last request that was admitted leads to a camera that there is. */
void ph_rtsp_guard_note_on_rtsp (PhRtspGuard *self, GstRTSPMessage *request);
/* Whether users would still let in who was, and show the cameras that were noted. */
gboolean ph_rtsp_guard_still_admits_on_rtsp (const PhRtspGuard *self, const PhUsers *users);
