/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/ddns-look.h"

#define MINUTE 60
#define DAY 86400
#define SHORTEST_WAIT (5 * MINUTE)
#define CALM_WAIT (30 * MINUTE) /* while all is well, or nobody can tell */

gint64
ph_ddns_look_find_due (const PhDdnsState *state, const PhDdnsAccount *account)
{
  if (!account->provider->compare_dns || account->hostname[0] == '*' || state->is_contradicted ||
      state->is_stopped || state->wanted == NULL || g_strcmp0 (state->wanted, state->accepted) != 0)
    return PH_DDNS_NEVER;
  return MAX (state->look_at, state->accepted_at + SHORTEST_WAIT);
}

static gboolean
agrees (const PhDdnsState *state, const PhDnsAnswer *answer)
{
  g_autoptr (GInetAddress) accepted = g_inet_address_new_from_string (state->accepted);

  return accepted != NULL && ph_dns_answer_has (answer, accepted);
}

/* Addresses with spaces between. Free with g_free. */
static char *
join (const PhDnsAnswer *answer)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < answer->addresses->len; i++) {
    g_autofree char *address = g_inet_address_to_string (g_ptr_array_index (answer->addresses, i));

    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", address);
  }
  return g_strdup (text->str);
}

gboolean
ph_ddns_look_note (PhDdnsState *state, const PhDnsAnswer *answer, const GError *error, gint64 now)
{
  gint64 ttl = answer != NULL ? (gint64)answer->ttl_s : 0;

  g_free (state->look_error);
  state->look_error = answer == NULL ? g_strdup (error->message) : NULL;
  if (answer == NULL) {
    state->look_at = now + CALM_WAIT;
    return FALSE;
  }
  state->looked_at = now;
  g_free (state->resolved);
  state->resolved = join (answer);
  if (agrees (state, answer)) {
    state->differs_since = 0;
    state->look_at = now + MAX (ttl, CALM_WAIT);
    return FALSE;
  }
  if (state->differs_since == 0)
    state->differs_since = now;
  state->look_at = now + MAX (ttl, SHORTEST_WAIT);
  if (state->differs_since == now || now - state->differs_since <= 2 * ttl ||
      (state->contradicted_at > 0 && now < state->contradicted_at + DAY))
    return FALSE;
  state->contradicted_at = now;
  state->differs_since = 0;
  return TRUE;
}
