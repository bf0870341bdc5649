/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/allowance.h"

#include <gio/gio.h>
#include <string.h>

#define MAPPED_PREFIX "::ffff:"

const char *
ph_allowance_state_to_string_any (PhAllowanceState state)
{
  static const char *const names[] = { "none", "free", "saving", "exceeded" };

  return state < G_N_ELEMENTS (names) ? names[state] : "none";
}

PhAllowanceState
ph_allowance_judge_any (double gigabytes, guint64 n_bytes)
{
  double limit = gigabytes * PH_ALLOWANCE_GB;

  if (limit <= 0)
    return PH_ALLOWANCE_NONE;
  if (n_bytes >= limit)
    return PH_ALLOWANCE_EXCEEDED;
  return n_bytes >= PH_ALLOWANCE_NEAR * limit ? PH_ALLOWANCE_SAVING : PH_ALLOWANCE_FREE;
}

static gboolean
is_unique_local (GInetAddress *address)
{
  return g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6 &&
         (g_inet_address_to_bytes (address)[0] & 0xfe) == 0xfc;
}

static gboolean
is_in (GPtrArray *networks, GInetAddress *address)
{
  for (guint i = 0; networks != NULL && i < networks->len; i++) {
    GInetAddressMask *network = g_ptr_array_index (networks, i);

    if (g_inet_address_mask_get_family (network) == g_inet_address_get_family (address) &&
        g_inet_address_mask_matches (network, address))
      return TRUE;
  }
  return FALSE;
}

gboolean
ph_allowance_is_outside_any (const char *peer, GPtrArray *home)
{
  gboolean is_mapped = g_str_has_prefix (peer, MAPPED_PREFIX) && strchr (peer, '.') != NULL;
  g_autoptr (GInetAddress) address =
      g_inet_address_new_from_string (is_mapped ? peer + strlen (MAPPED_PREFIX) : peer);

  return address != NULL && !g_inet_address_get_is_any (address) &&
         !g_inet_address_get_is_loopback (address) && !g_inet_address_get_is_link_local (address) &&
         !g_inet_address_get_is_site_local (address) && !is_unique_local (address) &&
         !is_in (home, address);
}

static guint64
count_pixels (const PhCameraConfig *camera, const PhStreamConfig *stream)
{
  guint64 width = stream->width > 0 ? stream->width : camera->source->width;
  guint64 height = stream->height > 0 ? stream->height : camera->source->height;

  return width > 0 && height > 0 ? width * height : G_MAXUINT64;
}

/* A picture costs less in H.264 than in JPEG, of whatever size. */
static gboolean
is_smaller (const PhCameraConfig *camera, const PhStreamConfig *one, const PhStreamConfig *other)
{
  guint64 pixels = count_pixels (camera, one), other_pixels = count_pixels (camera, other);

  if (one->codec != other->codec)
    return one->codec == PH_CODEC_H264;
  return pixels < other_pixels || (pixels == other_pixels && one->bitrate < other->bitrate);
}

const PhStreamConfig *
ph_allowance_find_smallest_any (const PhCameraConfig *camera)
{
  const PhStreamConfig *smallest = NULL;

  for (guint i = 0; i < camera->streams->len; i++) {
    const PhStreamConfig *stream = g_ptr_array_index (camera->streams, i);

    if (smallest == NULL || is_smaller (camera, stream, smallest))
      smallest = stream;
  }
  return smallest;
}
