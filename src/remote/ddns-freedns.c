/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* freedns.afraid.org/api: a list of "name|address|url", then the url of the name. */
#include "remote/ddns-call.h"

#include <libsoup/soup.h>
#include <string.h>

static gboolean
is_of_family (const char *text, PhFamily family)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);

  return address != NULL && (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4) ==
                                (family == PH_FAMILY_IPV4);
}

static gboolean
is_same_address (const char *text, const char *sent)
{
  g_autoptr (GInetAddress) one = g_inet_address_new_from_string (text);
  g_autoptr (GInetAddress) other = g_inet_address_new_from_string (sent);

  return one != NULL && other != NULL && g_inet_address_equal (one, other);
}

/* The list is a stranger's: it must not lead to somebody else. */
static gboolean
is_of_same_site (const char *url, const char *home)
{
  g_autoptr (GUri) one = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GUri) other =
      g_uri_parse (home, SOUP_HTTP_URI_FLAGS | G_URI_FLAGS_PARSE_RELAXED, NULL);
  const char *site, *own_site;

  if (one == NULL || other == NULL || g_uri_get_host (one) == NULL ||
      !g_str_equal (g_uri_get_scheme (one), g_uri_get_scheme (other)))
    return FALSE;
  if (g_str_equal (g_uri_get_host (one), g_uri_get_host (other)))
    return TRUE;
  site = soup_tld_get_base_domain (g_uri_get_host (one), NULL);
  own_site = soup_tld_get_base_domain (g_uri_get_host (other), NULL);
  return site != NULL && g_strcmp0 (site, own_site) == 0;
}

/* {name, address, url, NULL}; NULL: it is not in the list. */
static char **
find_row (const PhDdnsCall *self, const char *list)
{
  g_auto (GStrv) lines = g_strsplit_set (list, "\r\n", -1);

  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto (GStrv) row = g_strsplit (lines[i], "|", 3);

    if (g_strv_length (row) == 3 &&
        g_ascii_strcasecmp (row[0], self->task.accounts[0]->hostname) == 0 &&
        is_of_family (row[1], self->task.family))
      return g_steal_pointer (&row);
  }
  return NULL;
}

static PhDdnsRequest *
update_row (PhDdnsCall *self, const PhDdnsReply *reply)
{
  const PhDdnsAccount *account = self->task.accounts[0];
  const char *sent = self->task.address[self->task.family];
  g_autofree char *quoted = ph_ddns_answer_quote (reply->body, account);
  g_auto (GStrv) row = find_row (self, reply->body);
  g_autofree char *encoded = g_uri_escape_string (sent, NULL, FALSE);

  if (row == NULL && strchr (reply->body, '|') == NULL)
    ph_ddns_outcome_set (self->outcomes,
        strstr (reply->body, "ERROR") != NULL || strstr (reply->body, "Failed") != NULL
            ? PH_DDNS_VERDICT_REFUSED
            : PH_DDNS_VERDICT_UNKNOWN,
        reply->retry_after, "the provider says %s", quoted);
  else if (row == NULL)
    ph_ddns_outcome_set (self->outcomes, PH_DDNS_VERDICT_REFUSED, -1,
        "the account has no such name with an %s address",
        self->task.family == PH_FAMILY_IPV4 ? "IPv4" : "IPv6");
  else if (is_same_address (row[1], sent))
    ph_ddns_outcome_set (self->outcomes, PH_DDNS_VERDICT_UNCHANGED, -1, "it was so already");
  else if (!is_of_same_site (row[2], account->url))
    ph_ddns_outcome_set (
        self->outcomes, PH_DDNS_VERDICT_UNKNOWN, -1, "the list of names leads to another site");
  else
    return ph_ddns_call_make_request (self, "GET",
        g_strconcat (
            row[2], strchr (row[2], '?') != NULL ? "&address=" : "?address=", encoded, NULL),
        NULL);
  return NULL;
}

static void
conclude (PhDdnsCall *self, const PhDdnsReply *reply)
{
  g_autofree char *quoted = ph_ddns_answer_quote (reply->body, self->task.accounts[0]);
  PhDdnsVerdict verdict = PH_DDNS_VERDICT_UNKNOWN;

  if (strstr (reply->body, self->task.address[self->task.family]) != NULL)
    verdict = PH_DDNS_VERDICT_UPDATED;
  else if (strstr (reply->body, "ERROR") != NULL)
    verdict = PH_DDNS_VERDICT_REFUSED;
  ph_ddns_outcome_set (self->outcomes, verdict, -1, "the provider says %s", quoted);
}

PhDdnsRequest *
ph_ddns_call_next_freedns (PhDdnsCall *self, const PhDdnsReply *reply)
{
  const PhDdnsAccount *account = self->task.accounts[0];

  if (reply == NULL)
    return ph_ddns_call_make_request (
        self, "GET", ph_ddns_template_fill_url (account->url, &self->task), NULL);
  if (ph_ddns_answer_read_status (reply, account, self->outcomes))
    return NULL;
  if (self->step++ == 0)
    return update_row (self, reply);
  conclude (self, reply);
  return NULL;
}
