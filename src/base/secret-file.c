/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/secret-file.h"

#include "base/error.h"
#include "base/regular-file.h"

#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_BYTES 4096

static gboolean
check_mode (const char *file, mode_t mode, GError **error)
{
  g_autofree char *quoted = g_shell_quote (file);

  if ((mode & (S_IROTH | S_IWOTH)) == 0)
    return TRUE;
  g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS,
      "holds secrets, but everybody may %s it; run: chmod 600 %s",
      (mode & S_IROTH) != 0 ? "read" : "write", quoted);
  return FALSE;
}

gboolean
ph_secret_file_check (const char *file, GError **error)
{
  struct stat status;

  return stat (file, &status) != 0 || check_mode (file, status.st_mode, error);
}

static GInputStream *
open_file (const char *file, GError **error)
{
  struct stat status;
  int fd = ph_regular_file_open (file, &status, error);
  g_autoptr (GInputStream) stream = fd >= 0 ? g_unix_input_stream_new (fd, TRUE) : NULL;

  return fd >= 0 && check_mode (file, status.st_mode, error) ? g_steal_pointer (&stream) : NULL;
}

static char *
take_line (char *bytes, gsize length, GError **error)
{
  gsize line_length;

  bytes[length] = '\0';
  line_length = strcspn (bytes, "\r\n");
  if (line_length == 0)
    g_set_error_literal (error, PH_ERROR, PH_ERROR_SETTINGS, "has nothing in its first line");
  else if (line_length >= MAX_BYTES - 1)
    g_set_error_literal (error, PH_ERROR, PH_ERROR_SETTINGS, "has a first line that is too long");
  else if (!g_utf8_validate (bytes, line_length, NULL))
    g_set_error_literal (error, PH_ERROR, PH_ERROR_SETTINGS, "has no UTF-8 text in it");
  else
    return g_strndup (bytes, line_length);
  return NULL;
}

char *
ph_secret_file_read_line (const char *file, GError **error)
{
  g_autoptr (GInputStream) stream = open_file (file, error);
  char bytes[MAX_BYTES];
  gsize n_read = 0;
  char *line = NULL;

  if (stream == NULL)
    return NULL;
  if (g_input_stream_read_all (stream, bytes, sizeof bytes - 1, &n_read, NULL, error))
    line = take_line (bytes, n_read, error);
  explicit_bzero (bytes, sizeof bytes);
  return line;
}

char *
ph_secret_file_find_credential (const char *name)
{
  const char *folder = g_getenv ("CREDENTIALS_DIRECTORY");
  g_autofree char *file = folder != NULL ? g_build_filename (folder, name, NULL) : NULL;

  return file != NULL && g_file_test (file, G_FILE_TEST_EXISTS) ? g_steal_pointer (&file) : NULL;
}

void
ph_secret_free (char *text)
{
  if (text != NULL)
    explicit_bzero (text, strlen (text));
  g_free (text);
}
