/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/clock.h"

#include <time.h>

static gint64
get_wall (gpointer user_data)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static gint64
get_boot (gpointer user_data)
{
  struct timespec time = { 0 };

  clock_gettime (CLOCK_BOOTTIME, &time);
  return time.tv_sec;
}

const PhClock ph_clock_system = { get_wall, get_boot, NULL };
