/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/ddns-template.h"

#include <string.h>

typedef char *(*Encode) (const char *value);

static char *
encode_percent (const char *value)
{
  return g_uri_escape_string (value, NULL, FALSE);
}

static char *
encode_nothing (const char *value)
{
  return g_strdup (value);
}

/* As between the quotes of a string (RFC 8259, section 7). */
static char *
encode_json (const char *value)
{
  GString *text = g_string_new (NULL);

  for (; *value != '\0'; value++) {
    if (*value == '"' || *value == '\\')
      g_string_append_printf (text, "\\%c", *value);
    else if (g_ascii_iscntrl (*value))
      g_string_append_printf (text, "\\u%04x", (guint)(guchar)*value);
    else
      g_string_append_c (text, *value);
  }
  return g_string_free (text, FALSE);
}

static char *
make_sub (const PhDdnsAccount *account)
{
  gsize length = strlen (account->hostname), zone_length = strlen (account->zone);

  if (length > zone_length + 1 && g_str_has_suffix (account->hostname, account->zone))
    return g_strndup (account->hostname, length - zone_length - 1);
  return g_strdup (account->provider->apex);
}

/* "," between the names stands for itself. */
static char *
join_names (const PhDdnsTask *task, gboolean is_sub, Encode encode)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < task->n_accounts; i++) {
    g_autofree char *name =
        is_sub ? make_sub (task->accounts[i]) : g_strdup (task->accounts[i]->hostname);
    g_autofree char *encoded = encode (name);

    g_string_append_printf (list, "%s%s", i > 0 ? "," : "", encoded);
  }
  return g_string_free (list, FALSE);
}

static char *
join_addresses (const PhDdnsTask *task, Encode encode)
{
  GString *list = g_string_new (NULL);

  for (PhFamily family = 0; family < PH_N_FAMILIES; family++) {
    g_autofree char *encoded =
        task->address[family] != NULL ? encode (task->address[family]) : NULL;

    if (encoded != NULL)
      g_string_append_printf (list, "%s%s", list->len > 0 ? "," : "", encoded);
  }
  return g_string_free (list, FALSE);
}

/* FreeDNS wants the user name in lower case and no more of the password than it keeps. */
static char *
make_sha1 (const PhDdnsAccount *account)
{
  g_autofree char *user = g_ascii_strdown (account->username, -1);
  g_autofree char *both = g_strdup_printf ("%s|%.16s", user, account->password);
  char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA1, both, -1);

  explicit_bzero (both, strlen (both));
  return hash;
}

static const char *
get_address (const PhDdnsTask *task, PhFamily family)
{
  const PhDdnsProvider *provider = task->accounts[0]->provider;
  const char *missing = family == PH_FAMILY_IPV4 ? provider->missing4 : provider->missing6;

  if (task->address[family] != NULL)
    return task->address[family];
  return missing != NULL ? missing : "";
}

/* NULL: there is no such placeholder. */
static char *
make_value (const char *name, const PhDdnsTask *task, Encode encode)
{
  const PhDdnsAccount *account = task->accounts[0];
  g_autofree char *value = NULL;

  if (g_str_equal (name, "hosts") || g_str_equal (name, "subs"))
    return join_names (task, g_str_equal (name, "subs"), encode);
  if (g_str_equal (name, "ips"))
    return join_addresses (task, encode);
  if (g_str_equal (name, "host"))
    return encode (account->hostname);
  if (g_str_equal (name, "zone"))
    return encode (account->zone);
  if (g_str_equal (name, "user"))
    return encode (account->username);
  if (g_str_equal (name, "pass"))
    return encode (account->password);
  if (g_str_equal (name, "type"))
    return encode (task->family == PH_FAMILY_IPV4 ? "A" : "AAAA");
  if (g_str_equal (name, "ip"))
    return encode (get_address (task, task->family));
  if (g_str_equal (name, "ip4") || g_str_equal (name, "ip6"))
    return encode (get_address (task, name[2] == '4' ? PH_FAMILY_IPV4 : PH_FAMILY_IPV6));
  if (g_str_equal (name, "sub"))
    value = make_sub (account);
  else if (g_str_equal (name, "sha1"))
    value = make_sha1 (account);
  return value != NULL ? encode (value) : NULL;
}

/* Braces around anything else stay: a body may be JSON. */
static char *
fill (const char *template, const PhDdnsTask *task, Encode encode)
{
  GString *text = g_string_new (NULL);

  while (*template != '\0') {
    gsize length = *template == '{' ? strcspn (template, "}") : 0;
    gboolean is_whole = length > 0 && template[length] == '}';
    g_autofree char *name = is_whole ? g_strndup (template + 1, length - 1) : NULL;
    g_autofree char *value = name != NULL ? make_value (name, task, encode) : NULL;

    if (value != NULL)
      g_string_append (text, value);
    else
      g_string_append_c (text, *template);
    template += value != NULL ? length + 1 : 1;
  }
  return g_string_free (text, FALSE);
}

static gboolean
is_missing (const char *parameter, const PhDdnsTask *task)
{
  const PhDdnsProvider *provider = task->accounts[0]->provider;

  return (task->address[PH_FAMILY_IPV4] == NULL && provider->missing4 == NULL &&
             strstr (parameter, "{ip4}") != NULL) ||
         (task->address[PH_FAMILY_IPV6] == NULL && provider->missing6 == NULL &&
             strstr (parameter, "{ip6}") != NULL);
}

/* An empty address would take away what is there. */
static char *
leave_out_missing (const char *query, const PhDdnsTask *task)
{
  g_auto (GStrv) parameters = g_strsplit (query, "&", -1);
  g_autoptr (GStrvBuilder) left = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;

  for (guint i = 0; parameters[i] != NULL; i++)
    if (!is_missing (parameters[i], task))
      g_strv_builder_add (left, parameters[i]);
  list = g_strv_builder_end (left);
  return g_strjoinv ("&", list);
}

char *
ph_ddns_template_fill_url (const char *template, const PhDdnsTask *task)
{
  const char *query = strchr (template, '?');
  g_autofree char *path = query != NULL ? g_strndup (template, query + 1 - template) : NULL;
  g_autofree char *left = query != NULL ? leave_out_missing (query + 1, task) : NULL;
  g_autofree char *whole = query != NULL ? g_strconcat (path, left, NULL) : g_strdup (template);

  return fill (whole, task, encode_percent);
}

char *
ph_ddns_template_fill_body (const char *template, const char *content_type, const PhDdnsTask *task)
{
  gboolean is_form = g_str_equal (content_type, "application/x-www-form-urlencoded");
  g_autofree char *form = is_form ? leave_out_missing (template, task) : NULL;

  if (is_form)
    return fill (form, task, encode_percent);
  return fill (
      template, task, strstr (content_type, "json") != NULL ? encode_json : encode_nothing);
}

char *
ph_ddns_template_fill_text (const char *template, const PhDdnsTask *task)
{
  return fill (template, task, encode_nothing);
}
