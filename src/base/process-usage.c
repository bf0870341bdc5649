/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/process-usage.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Behind the ")" that ends the program's name, from the third field of proc_pid_stat(5) on. */
static void
read_stat (PhProcessUsage *usage, const char *stat)
{
  const char *fields = strrchr (stat, ')');
  unsigned long user, system, virtual_bytes;
  unsigned long long start;
  long n_threads, n_pages;
  struct timespec up;
  double ticks = sysconf (_SC_CLK_TCK);

  if (fields == NULL ||
      sscanf (fields + 1,
          " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %ld %*d %llu %lu "
          "%ld",
          &user, &system, &n_threads, &start, &virtual_bytes, &n_pages) != 6)
    return;
  clock_gettime (CLOCK_BOOTTIME, &up);
  usage->cpu_s = (user + system) / ticks;
  usage->started =
      g_get_real_time () / (double)G_USEC_PER_SEC - (up.tv_sec + up.tv_nsec / 1e9) + start / ticks;
  usage->n_threads = n_threads;
  usage->virtual_bytes = virtual_bytes;
  usage->resident_bytes = (guint64)n_pages * sysconf (_SC_PAGESIZE);
}

static guint
count_descriptors (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  if (folder == NULL)
    return 0;
  while (g_dir_read_name (folder) != NULL)
    n++;
  return n - 1; /* the folder itself */
}

void
ph_process_usage_read_any (PhProcessUsage *usage)
{
  g_autofree char *stat = NULL;
  struct rlimit limit = { 0 };

  memset (usage, 0, sizeof *usage);
  if (g_file_get_contents ("/proc/self/stat", &stat, NULL, NULL))
    read_stat (usage, stat);
  usage->n_descriptors = count_descriptors ();
  getrlimit (RLIMIT_NOFILE, &limit);
  usage->max_descriptors = MIN (limit.rlim_cur, G_MAXUINT);
}
