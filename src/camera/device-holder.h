/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who holds a device that cannot be had. Any thread; looks through /proc, which takes milliseconds.
 */
#pragma once

#include <glib.h>

/* "ffmpeg (process 1234)", free with g_free; NULL when it is not to be seen: another user's, or in
 * another container. */
char *ph_device_holder_find (const char *path);
