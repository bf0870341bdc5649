/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings, and what the API is sent. */
#include "base/json-text.h"
#include "base/error.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *copy = g_strndup ((const char *)data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (PhJsonText) text = ph_json_text_parse (copy, size, &error);
  g_autofree char *quoted = ph_json_text_quote (copy);

  if (text != NULL)
    g_assert_nonnull (text->root);
  else
    g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
  for (const char *p = quoted; *p != '\0'; p++)
    g_assert_false (g_ascii_iscntrl (*p));
  return 0;
}
