/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A settings file: the tables, their checks, and the sentences on what is wrong. */
#include "config/config.h"

#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int fd = memfd_create ("settings", MFD_CLOEXEC);
  g_autofree char *file = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (PhConfig) config = NULL;

  g_assert_cmpint (write (fd, data, size), ==, (gssize)size);
  config = ph_config_load (file, &problems, NULL);
  g_assert_true ((config != NULL) == (problems->len == 0));
  for (guint i = 0; i < problems->len; i++)
    g_assert_true (g_utf8_validate (problems->pdata[i], -1, NULL));
  close (fd);
  return 0;
}
