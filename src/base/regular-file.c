/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/regular-file.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <unistd.h>

static void
set_errno (GError **error, int code)
{
  g_set_error (error, PH_ERROR, code == ENOENT ? PH_ERROR_NOT_FOUND : PH_ERROR_SETTINGS,
      "cannot be read: %s", g_strerror (code));
}

/* Opens without waiting, so that a named pipe is refused instead of waited for. */
int
ph_regular_file_open (const char *file, struct stat *status, GError **error)
{
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0 || fstat (fd, status) != 0)
    set_errno (error, errno);
  else if (!S_ISREG (status->st_mode))
    g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "is %s; allowed: a file",
        S_ISDIR (status->st_mode) ? "a directory" : "a device or pipe");
  else
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

char *
ph_regular_file_read (const char *file, gsize max_bytes, gsize *length, GError **error)
{
  struct stat status;
  int fd = ph_regular_file_open (file, &status, error);
  g_autoptr (GInputStream) stream = fd >= 0 ? g_unix_input_stream_new (fd, TRUE) : NULL;
  g_autofree char *bytes = fd >= 0 ? g_malloc (max_bytes + 1) : NULL;
  g_autoptr (GError) cause = NULL;

  if (bytes == NULL)
    return NULL;
  if (!g_input_stream_read_all (stream, bytes, max_bytes + 1, length, NULL, &cause)) {
    g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "cannot be read: %s", cause->message);
    return NULL;
  }
  if (*length > max_bytes) {
    g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS,
        "has more than %" G_GSIZE_FORMAT " KiB; allowed: at most %" G_GSIZE_FORMAT " KiB",
        max_bytes / 1024, max_bytes / 1024);
    return NULL;
  }
  bytes[*length] = '\0';
  return g_realloc (g_steal_pointer (&bytes), *length + 1);
}
