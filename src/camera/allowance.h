/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What viewers outside may be sent in a month, for lines that are paid by the gigabyte. Any thread.
 */
#pragma once

#include "camera/camera.h"

/* Bytes of a GB, as providers count. */
#define PH_ALLOWANCE_GB 1e9
/* Which part of it is sent when outside viewers begin to get the smallest stream alone. */
#define PH_ALLOWANCE_NEAR 0.8

typedef enum {
  PH_ALLOWANCE_NONE, /* there is no limit */
  PH_ALLOWANCE_FREE,
  PH_ALLOWANCE_SAVING, /* at or above PH_ALLOWANCE_NEAR */
  PH_ALLOWANCE_EXCEEDED
} PhAllowanceState;

/* "none", "free", "saving" or "exceeded", as the API names it. */
const char *ph_allowance_state_to_string_any (PhAllowanceState state);

/* gigabytes 0: there is no limit. */
PhAllowanceState ph_allowance_judge_any (double gigabytes, guint64 n_bytes);

/* peer: an address without port. Outside is what is neither loopback, private (RFC 1918), unique
 * local (RFC 4193) nor link-local, nor in one of home (camera/home-networks.h; nullable), nor text
 * that is no address. IPv4 in IPv6 counts as IPv4. */
gboolean ph_allowance_is_outside_any (const char *peer, GPtrArray *home);

/* Of the H.264 streams, or where there is none of those in JPEG, the one with the fewest pixels, of
 * the same size that with the lowest bitrate, of the same bitrate the first. Owned by camera. */
const PhStreamConfig *ph_allowance_find_smallest_any (const PhCameraConfig *camera);
