/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which camera a V4L2 device node is. The number in /dev/videoN is given out anew when a camera is
 * plugged in again; its serial number, or else where it is plugged in, stays. Any thread. */
#pragma once

#include <glib.h>

/* name and bus as the driver tells them; free with g_free. Ids of one camera are equal strings, and
 * say nothing else. */
char *ph_v4l2_make_id (const char *path, const char *name, const char *bus);

/* The device node that is the camera with this id: path where it still is, else another; free with
 * g_free. NULL and PH_ERROR_NOT_FOUND when it is not plugged in. */
char *ph_v4l2_find_by_id (const char *id, const char *path, GError **error);
