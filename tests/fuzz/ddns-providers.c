/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file of a user's own dynamic DNS providers. */
#include "remote/ddns-provider.h"

#include "base/error.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *copy = g_strndup ((const char *)data, size);
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (PhDdnsProviders) providers =
      ph_ddns_providers_new_from_text (copy, size, "own.conf", problems, &error);

  if (providers == NULL) {
    g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
    g_assert_cmpuint (problems->len, >, 0);
  } else {
    g_assert_no_error (error);
    g_assert_nonnull (ph_ddns_providers_find (providers, "no-ip"));
  }
  for (guint i = 0; i < problems->len; i++)
    for (const char *p = g_ptr_array_index (problems, i); *p != '\0'; p++)
      g_assert_false (g_ascii_iscntrl (*p));
  return 0;
}
