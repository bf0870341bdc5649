/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What dynamic DNS providers answer: the first byte chooses the provider, the second the status. */
#include "remote/ddns-call.h"

#include "fuzz.h"

#include <string.h>

static const guint statuses[] = { 200, 201, 204, 302, 400, 401, 404, 410, 429, 503, 0 };

static PhDdnsProviders *
get_providers (void)
{
  static PhDdnsProviders *providers = NULL;
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);

  if (providers == NULL)
    providers = ph_ddns_providers_new (NULL, problems, NULL);
  return providers;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree const char **ids = ph_ddns_providers_list (get_providers ());
  guint n_ids = g_strv_length ((char **)ids);
  PhDdnsAccount one = { .hostname = (char *)"a.example.org",
    .zone = (char *)"example.org",
    .username = (char *)"user",
    .password = (char *)"s3cr3t" };
  PhDdnsAccount two = one;
  const PhDdnsAccount *accounts[] = { &one, &two };
  const char *const addresses[] = { "5.6.7.8", "2a01:4f8::7" };
  g_autofree char *body = size > 2 ? g_strndup ((const char *)data + 2, size - 2) : NULL;
  g_autofree char *text = body != NULL ? g_utf8_make_valid (body, -1) : NULL;
  g_autoptr (PhDdnsCall) call = NULL;
  PhDdnsRequest *request = NULL;
  PhDdnsReply reply;

  if (size < 2)
    return 0;
  one.provider = two.provider = ph_ddns_providers_find (get_providers (), ids[data[0] % n_ids]);
  one.url = two.url = one.provider->url != NULL ? one.provider->url : "https://example.org/{ip}";
  two.hostname = (char *)"b.example.org";
  reply = (PhDdnsReply){ .status = statuses[data[1] % G_N_ELEMENTS (statuses)],
    .body = text != NULL ? text : "",
    .retry_after = -1 };
  call = ph_ddns_call_new (
      accounts, ph_ddns_provider_is_multi_host (one.provider) ? 2 : 1, addresses, data[1] & 1);
  for (request = ph_ddns_call_next (call, NULL); request != NULL;
       request = ph_ddns_call_next (call, &reply))
    ph_ddns_request_free (request);
  for (guint i = 0; i < call->task.n_accounts; i++) {
    g_assert_nonnull (call->outcomes[i].answer);
    g_assert_null (strstr (call->outcomes[i].answer, "s3cr3t"));
    for (const char *p = call->outcomes[i].answer; *p != '\0'; p++)
      g_assert_false (g_ascii_iscntrl (*p));
  }
  return 0;
}
