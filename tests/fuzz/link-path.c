/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/link-path.h"

#include "fuzz.h"

#include <string.h>

/* A path that is a link's comes into the log without its token. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *path = g_strndup ((const char *)data, size);
  g_autofree char *shown = ph_link_path_redact_any (path);
  g_autofree char *token = NULL;
  g_autofree char *plain = NULL;

  g_assert_nonnull (shown);
  if (!ph_link_path_split_any (path, &token, &plain))
    return 0;
  g_assert_cmpuint (strlen (plain) + strlen (token), <, strlen (path));
  if (strchr (path, '%') == NULL)
    g_assert_nonnull (strstr (shown, "/link/…"));
  return 0;
}
