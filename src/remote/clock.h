/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What time it is, so that tests may say it. Any thread. */
#pragma once

#include <glib.h>

typedef struct {
  gint64 (*get_wall) (gpointer user_data); /* seconds since 1970, right or wrong */
  gint64 (*get_boot) (gpointer user_data); /* seconds that only grow, also asleep */
  gpointer user_data;
} PhClock;

extern const PhClock ph_clock_system;
