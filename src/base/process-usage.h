/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What this process uses, as proc(5) tells it. Any thread; blocks on nothing but the kernel. */
#pragma once

#include <glib.h>

typedef struct {
  double cpu_s; /* user and system time, seconds */
  double started; /* seconds since 1970 */
  guint64 resident_bytes, virtual_bytes;
  guint n_threads;
  guint n_descriptors, max_descriptors;
} PhProcessUsage;

/* Where /proc is not to be read, what stands there is 0. */
void ph_process_usage_read_any (PhProcessUsage *usage);
