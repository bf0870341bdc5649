/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks access/ for each request of a connection who sends it and whether that one may see the
 * camera. Nothing is remembered from one request to the next: players send their credentials with
 * all of them, and a name that is taken out of the settings counts no more at once. */
#pragma once

#include "access/gate.h"

#include <gst/rtsp/rtsp.h>

typedef enum { PH_RTSP_WIRE_PLAIN, PH_RTSP_WIRE_TLS } PhRtspWire;

typedef struct {
  PhGate *gate; /* nullable: everybody is let in */
  GInetAddress *peer;
  PhRtspWire wire;
} PhRtspGuard;

/* gate is kept, connection is only read. Clear it even so. */
void ph_rtsp_guard_init (
    PhRtspGuard *self, PhGate *gate, GstRTSPConnection *connection, PhRtspWire wire);
void ph_rtsp_guard_clear (PhRtspGuard *self);

/* TRUE: the request may be handled. FALSE: refusal, which this initialises, is the answer to it:
 * 401 with what may be sent (RFC 2326, section 14.46), 503 with Retry-After for who guesses
 * passwords, 404 for a camera that this user may not know of. */
gboolean ph_rtsp_guard_admits_on_rtsp (
    const PhRtspGuard *self, GstRTSPMessage *request, GstRTSPMessage *refusal);
