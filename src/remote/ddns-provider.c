/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/ddns-provider.h"

#include "base/error.h"
#include "base/json-text.h"
#include "base/nearest.h"
#include "base/regular-file.h"
#include "base/safe-url.h"
#include "ddns-resources.h"

#include <gio/gio.h>
#include <string.h>

#define RESOURCE "/org/porthole/ddns/providers.conf"
#define MAX_BYTES (256 * 1024)

struct _PhDdnsProviders {
  GPtrArray *list; /* element-type PhDdnsProvider */
};

typedef enum { TEXT, URL, WORD, NUMBER, BOOLEAN, TEXTS, STATUSES, FAMILIES } KeyType;

typedef struct {
  const char *key;
  KeyType type;
  gsize offset;
  const char *preset; /* nullable */
  const char *const *choices; /* of a WORD: an index, where the row says so */
  gboolean is_index;
} Key;

static const char *const kinds[] = { "template", "cloudflare", "freedns", NULL };
static const char *const auths[] = { "basic", "bearer", "none", NULL };
static const char *const answers[] = { "dyndns2", "words", "contains", NULL };
static const char *const methods[] = { "GET", "POST", "PUT", NULL };
static const char *const families[] = { "ipv4", "ipv6", NULL };

#define AT(member) G_STRUCT_OFFSET (PhDdnsProvider, member)
/* clang-format off */
static const Key keys[] = {
  { "name", TEXT, AT (name), NULL },
  { "help", TEXT, AT (help), NULL },
  { "kind", WORD, AT (kind), "template", kinds, TRUE },
  { "url", URL, AT (url), NULL },
  { "url6", URL, AT (url6), NULL },
  { "method", WORD, AT (method), "GET", methods },
  { "body", TEXT, AT (body), NULL },
  { "content-type", TEXT, AT (content_type), "application/x-www-form-urlencoded" },
  { "auth", WORD, AT (auth), "basic", auths, TRUE },
  { "user", TEXT, AT (user), "{user}" },
  { "zone", TEXT, AT (zone), NULL },
  { "apex", TEXT, AT (apex), "@" },
  { "missing4", TEXT, AT (missing4), NULL },
  { "missing6", TEXT, AT (missing6), NULL },
  { "families", FAMILIES, AT (families), "ipv4;ipv6" },
  { "answer", WORD, AT (answer), "dyndns2", answers, TRUE },
  { "good", TEXTS, AT (good), "" },
  { "unchanged", TEXTS, AT (unchanged), "" },
  { "refused", TEXTS, AT (refused), "" },
  { "later", TEXTS, AT (later), "" },
  { "abuse", TEXTS, AT (abuse), "" },
  { "good-status", STATUSES, AT (good_status), "" },
  { "unchanged-status", STATUSES, AT (unchanged_status), "" },
  { "refused-status", STATUSES, AT (refused_status), "" },
  { "max-hosts", NUMBER, AT (max_hosts), "1" },
  { "min-interval", NUMBER, AT (min_interval), "300" },
  { "spacing", NUMBER, AT (spacing), "1" },
  { "max-per-day", NUMBER, AT (max_per_day), "0" },
  { "refresh-days", NUMBER, AT (refresh_days), "0" },
  { "abuse-waits", BOOLEAN, AT (abuse_waits), "false" },
  { "compare-dns", BOOLEAN, AT (compare_dns), "true" },
};
/* clang-format on */
#undef AT

const char *
ph_family_to_string (PhFamily family)
{
  return families[family];
}

gboolean
ph_family_from_string (const char *text, PhFamily *family)
{
  *family = g_strcmp0 (text, "ipv6") == 0 ? PH_FAMILY_IPV6 : PH_FAMILY_IPV4;
  return text != NULL && g_strv_contains (families, text);
}

static gboolean
is_printable (const char *text)
{
  for (; *text != '\0'; text++)
    if (g_ascii_iscntrl (*text))
      return FALSE;
  return TRUE;
}

static int
find_choice (const char *const *choices, const char *text)
{
  for (int i = 0; choices[i] != NULL; i++)
    if (g_str_equal (choices[i], text))
      return i;
  return -1;
}

/* An empty item would be found in every answer. */
static char **
split_texts (const char *text)
{
  g_auto (GStrv) items = g_strsplit (text, ";", -1);
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();

  for (guint i = 0; items[i] != NULL; i++)
    if (*g_strstrip (items[i]) != '\0')
      g_strv_builder_add (texts, items[i]);
  return g_strv_builder_end (texts);
}

/* NULL: one of the texts is not allowed. */
static char **
try_split (const Key *key, const char *text)
{
  g_auto (GStrv) texts = split_texts (text);

  for (guint i = 0; texts[i] != NULL; i++) {
    if (key->type == STATUSES && !g_ascii_string_to_unsigned (texts[i], 10, 200, 599, NULL, NULL))
      return NULL;
    if (key->type == FAMILIES && !g_strv_contains (families, texts[i]))
      return NULL;
  }
  if (key->type == FAMILIES && texts[0] == NULL)
    return NULL;
  return g_steal_pointer (&texts);
}

static gboolean
try_read_word (const Key *key, const char *text, gpointer member)
{
  int choice = find_choice (key->choices, text);

  if (choice < 0)
    return FALSE;
  if (key->is_index)
    *(guint *)member = choice;
  else
    *(char **)member = g_strdup (text);
  return TRUE;
}

static gboolean
try_read_number (const char *text, guint *member)
{
  guint64 number = 0;

  if (!g_ascii_string_to_unsigned (text, 10, 0, 10 * 365 * 86400, &number, NULL))
    return FALSE;
  *member = (guint)number;
  return TRUE;
}

static gboolean
try_read_texts (const Key *key, const char *text, char ***member)
{
  *member = try_split (key, text);
  return *member != NULL;
}

static gboolean
try_read (const Key *key, const char *text, gpointer member)
{
  switch (key->type) {
  case WORD:
    return try_read_word (key, text, member);
  case NUMBER:
    return try_read_number (text, member);
  case BOOLEAN:
    *(gboolean *)member = g_str_equal (text, "true");
    return *(gboolean *)member || g_str_equal (text, "false");
  case TEXTS:
  case STATUSES:
  case FAMILIES:
    return try_read_texts (key, text, member);
  case URL:
    if (!ph_safe_url_check (text))
      return FALSE;
    break;
  case TEXT:
    break;
  }
  *(char **)member = g_strdup (text);
  return is_printable (text);
}

static char *
describe_allowed (const Key *key)
{
  g_autofree char *choices = NULL;

  switch (key->type) {
  case WORD:
    choices = g_strjoinv (", ", (char **)key->choices);
    return g_steal_pointer (&choices);
  case NUMBER:
    return g_strdup ("a whole number");
  case BOOLEAN:
    return g_strdup ("true, false");
  case STATUSES:
    return g_strdup ("HTTP status codes from 200 to 599 with \";\" between them");
  case FAMILIES:
    return g_strdup ("ipv4, ipv6, ipv4;ipv6");
  case URL:
    return g_strdup (PH_SAFE_URL_ALLOWED);
  case TEXT:
  case TEXTS:
    break;
  }
  return g_strdup ("a text without control characters");
}

static void
add_problem (
    GPtrArray *problems, const char *file, const char *group, const char *key, const char *sentence)
{
  g_ptr_array_add (problems, g_strdup_printf ("%s: [%s]: %s: %s", file, group, key, sentence));
}

static void
read_key (const Key *key, GKeyFile *from, const char *file, PhDdnsProvider *to, GPtrArray *problems)
{
  g_autofree char *text = g_key_file_get_value (from, to->id, key->key, NULL);
  const char *given = text != NULL ? g_strstrip (text) : key->preset;
  g_autofree char *quoted = NULL;
  g_autofree char *allowed = NULL;
  g_autofree char *sentence = NULL;

  if (given == NULL || try_read (key, given, G_STRUCT_MEMBER_P (to, key->offset)))
    return;
  quoted = ph_json_text_quote (given);
  allowed = describe_allowed (key);
  sentence = g_strdup_printf ("found %s; allowed: %s", quoted, allowed);
  add_problem (problems, file, to->id, key->key, sentence);
}

static void
free_provider (gpointer data)
{
  PhDdnsProvider *provider = data;

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++) {
    gpointer *member = G_STRUCT_MEMBER_P (provider, keys[i].offset);

    if (keys[i].type == TEXT || keys[i].type == URL || (keys[i].type == WORD && !keys[i].is_index))
      g_free (*member);
    else if (keys[i].type >= TEXTS)
      g_strfreev ((char **)*member);
  }
  g_free (provider->id);
  g_free (provider);
}

/* What no single key says. */
static void
check_provider (const PhDdnsProvider *provider, const char *file, GPtrArray *problems)
{
  if (provider->url == NULL && !g_str_equal (provider->id, "generic"))
    add_problem (problems, file, provider->id, "url", "found nothing, but it is required");
  if (provider->answer != PH_DDNS_ANSWER_DYNDNS2 && provider->good[0] == NULL &&
      provider->good_status[0] == NULL)
    add_problem (problems, file, provider->id, "good",
        "found nothing; allowed: what success looks like, here or in good-status");
  if (provider->max_hosts < 1 || provider->max_hosts > 100)
    add_problem (problems, file, provider->id, "max-hosts", "allowed: from 1 to 100");
  if (provider->refresh_days != 0 && provider->refresh_days < 20)
    add_problem (problems, file, provider->id, "refresh-days",
        "allowed: 0 (never), or 20 and more, as sending again what has not changed is abuse");
}

static PhDdnsProvider *
read_provider (GKeyFile *from, const char *group, const char *file, GPtrArray *problems)
{
  PhDdnsProvider *provider = g_new0 (PhDdnsProvider, 1);
  guint n_before = problems->len;

  provider->id = g_strdup (group);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    read_key (&keys[i], from, file, provider, problems);
  if (provider->name == NULL)
    provider->name = g_strdup (group);
  if (problems->len == n_before)
    check_provider (provider, file, problems);
  return provider;
}

static void
refuse_key (const char *file, const char *group, const char *key, GPtrArray *problems)
{
  const char *names[G_N_ELEMENTS (keys) + 1] = { NULL };
  g_autofree char *allowed = NULL;
  g_autofree char *quoted = ph_json_text_quote (key);
  g_autofree char *sentence = NULL;
  const char *nearest;

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    names[i] = keys[i].key;
  nearest = ph_nearest_word (key, names);
  allowed = g_strjoinv (", ", (char **)names);
  sentence = g_strdup_printf ("found an unknown key; allowed: %s%s%s%s", allowed,
      nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
      nearest != NULL ? "\"?" : "");
  add_problem (problems, file, group, quoted, sentence);
}

static gboolean
is_id (const char *group)
{
  return g_regex_match_simple ("^[a-z0-9][a-z0-9.-]{0,62}$", group, G_REGEX_DOLLAR_ENDONLY, 0);
}

static gboolean
is_known_key (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_str_equal (keys[i].key, name))
      return TRUE;
  return FALSE;
}

static void
merge_group (
    GKeyFile *onto, GKeyFile *own, const char *group, const char *file, GPtrArray *problems)
{
  g_auto (GStrv) names = g_key_file_get_keys (own, group, NULL, NULL);

  for (guint i = 0; names != NULL && names[i] != NULL; i++) {
    g_autofree char *value = g_key_file_get_value (own, group, names[i], NULL);

    if (is_known_key (names[i]))
      g_key_file_set_value (onto, group, names[i], value);
    else
      refuse_key (file, group, names[i], problems);
  }
}

static void
merge (GKeyFile *onto, GKeyFile *own, const char *file, GPtrArray *problems)
{
  g_auto (GStrv) groups = g_key_file_get_groups (own, NULL);

  for (guint i = 0; groups[i] != NULL; i++) {
    g_autofree char *quoted = ph_json_text_quote (groups[i]);

    if (is_id (groups[i]))
      merge_group (onto, own, groups[i], file, problems);
    else
      g_ptr_array_add (problems, g_strdup_printf ("%s: found the group %s; allowed: of a-z, 0-9, "
                                                  "\".\" and \"-\"",
                                     file, quoted));
  }
}

/* Registered by hand, as a static library's constructors are dropped by the linker. */
static GBytes *
look_up_built_in (void)
{
  if (ddns_get_resource () == NULL)
    ddns_register_resource ();
  return g_resources_lookup_data (RESOURCE, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
}

static PhDdnsProviders *
read_all (GKeyFile *from, const char *file, GPtrArray *problems, GError **error)
{
  g_autoptr (PhDdnsProviders) self = g_new0 (PhDdnsProviders, 1);
  g_auto (GStrv) groups = g_key_file_get_groups (from, NULL);

  self->list = g_ptr_array_new_with_free_func (free_provider);
  for (guint i = 0; groups[i] != NULL; i++)
    g_ptr_array_add (self->list, read_provider (from, groups[i], file, problems));
  if (problems->len == 0)
    return g_steal_pointer (&self);
  g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS,
      "the dynamic DNS providers in %s cannot be used: %u %s", file, problems->len,
      problems->len == 1 ? "problem" : "problems");
  return NULL;
}

PhDdnsProviders *
ph_ddns_providers_new_from_text (
    const char *own, gsize length, const char *file, GPtrArray *problems, GError **error)
{
  g_autoptr (GKeyFile) all = g_key_file_new ();
  g_autoptr (GKeyFile) more = g_key_file_new ();
  g_autoptr (GBytes) built_in = look_up_built_in ();
  g_autoptr (GError) cause = NULL;

  if (!g_key_file_load_from_bytes (all, built_in, G_KEY_FILE_NONE, error))
    return NULL;
  if (own != NULL && !g_key_file_load_from_data (more, own, length, G_KEY_FILE_NONE, &cause)) {
    g_autofree char *quoted = ph_json_text_quote (cause->message);

    g_ptr_array_add (problems, g_strdup_printf ("%s: %s", file, quoted));
  } else {
    merge (all, more, file, problems);
  }
  return read_all (all, file, problems, error);
}

PhDdnsProviders *
ph_ddns_providers_new (const char *own_file, GPtrArray *problems, GError **error)
{
  gsize length = 0;
  g_autoptr (GError) cause = NULL;
  g_autofree char *text =
      own_file != NULL ? ph_regular_file_read (own_file, MAX_BYTES, &length, &cause) : NULL;

  if (own_file == NULL)
    return ph_ddns_providers_new_from_text (NULL, 0, "the program", problems, error);
  if (text != NULL)
    return ph_ddns_providers_new_from_text (text, length, own_file, problems, error);
  g_ptr_array_add (problems, g_strdup_printf ("%s: %s", own_file, cause->message));
  g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "%s cannot be used", own_file);
  return NULL;
}

void
ph_ddns_providers_free (PhDdnsProviders *self)
{
  g_ptr_array_unref (self->list);
  g_free (self);
}

const PhDdnsProvider *
ph_ddns_providers_find (PhDdnsProviders *self, const char *id)
{
  for (guint i = 0; i < self->list->len; i++) {
    const PhDdnsProvider *provider = g_ptr_array_index (self->list, i);

    if (g_str_equal (provider->id, id))
      return provider;
  }
  return NULL;
}

const char **
ph_ddns_providers_list (PhDdnsProviders *self)
{
  const char **ids = g_new0 (const char *, self->list->len + 1);

  for (guint i = 0; i < self->list->len; i++)
    ids[i] = ((const PhDdnsProvider *)g_ptr_array_index (self->list, i))->id;
  return ids;
}

gboolean
ph_ddns_provider_takes (const PhDdnsProvider *self, PhFamily family)
{
  return g_strv_contains ((const char *const *)self->families, families[family]);
}

static gboolean
has (const char *template, const char *placeholder)
{
  return template != NULL && strstr (template, placeholder) != NULL;
}

gboolean
ph_ddns_provider_uses (const PhDdnsProvider *self, const char *placeholder)
{
  return has (self->url, placeholder) || has (self->url6, placeholder) ||
         has (self->body, placeholder) ||
         (self->auth == PH_DDNS_AUTH_BASIC && has (self->user, placeholder));
}

gboolean
ph_ddns_provider_is_multi_host (const PhDdnsProvider *self)
{
  return ph_ddns_provider_uses (self, "{hosts}") || ph_ddns_provider_uses (self, "{subs}");
}
