/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/replace-file.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
write_all (int fd, const char *text, gsize length)
{
  while (length > 0) {
    gssize n = write (fd, text, length);

    if (n < 0 && errno != EINTR)
      return FALSE;
    text += MAX (0, n);
    length -= MAX (0, n);
  }
  return fsync (fd) == 0;
}

/* Without an old file it stays the one who writes it. */
static gboolean
give_owner (int fd, const char *file)
{
  struct stat status;

  if (stat (file, &status) != 0)
    return errno == ENOENT;
  return fchown (fd, status.st_uid, status.st_gid) == 0 &&
         fchmod (fd, status.st_mode & (S_IRWXU | S_IRGRP)) == 0;
}

gboolean
ph_replace_file (const char *file, const char *text, GError **error)
{
  g_autofree char *resolved = realpath (file, NULL);
  const char *target = resolved != NULL ? resolved : file;
  g_autofree char *temporary = g_strconcat (target, ".XXXXXX", NULL);
  int fd = g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0600);
  gboolean is_written = fd >= 0 && give_owner (fd, target) && write_all (fd, text, strlen (text)) &&
                        g_rename (temporary, target) == 0;
  int code = errno;

  if (fd >= 0)
    close (fd);
  if (fd >= 0 && !is_written)
    g_unlink (temporary);
  if (!is_written)
    g_set_error (
        error, PH_ERROR, PH_ERROR_UNAVAILABLE, "%s cannot be written: %s", file, g_strerror (code));
  return is_written;
}
