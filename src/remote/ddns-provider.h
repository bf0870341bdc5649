/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known of a dynamic DNS provider: how it is called and what its answers mean. All of it is
 * data, from data/ddns/providers.conf and a file of the user's. Main thread. */
#pragma once

#include <glib.h>

typedef enum {
  PH_DDNS_KIND_TEMPLATE, /* one call, made from a template */
  PH_DDNS_KIND_CLOUDFLARE,
  PH_DDNS_KIND_FREEDNS /* a list of names, then one call for each */
} PhDdnsKind;

typedef enum {
  PH_DDNS_AUTH_BASIC, /* RFC 7617 */
  PH_DDNS_AUTH_BEARER, /* RFC 6750 */
  PH_DDNS_AUTH_NONE /* in the URL or the body */
} PhDdnsAuth;

typedef enum {
  PH_DDNS_ANSWER_DYNDNS2, /* a line for each name; its first word is a code that all know */
  PH_DDNS_ANSWER_WORDS, /* a word that the row knows stands alone somewhere */
  PH_DDNS_ANSWER_CONTAINS /* a text that the row knows stands somewhere */
} PhDdnsAnswerForm;

typedef enum { PH_FAMILY_IPV4, PH_FAMILY_IPV6, PH_N_FAMILIES } PhFamily;

/* "ipv4", "ipv6" */
const char *ph_family_to_string (PhFamily family);
/* FALSE: text is neither. */
gboolean ph_family_from_string (const char *text, PhFamily *family);

typedef struct {
  char *id; /* as in porthole.json */
  char *name; /* as people know it */
  char *help; /* URL of the provider's own page; nullable */
  guint kind; /* PhDdnsKind */

  /* templates; nullable but for url */
  char *url;
  char *url6; /* for the IPv6 address, where that is called apart */
  char *body;
  char *user; /* of Basic */
  char *apex; /* what {sub} is where hostname is zone */
  char *missing4, *missing6; /* what {ip4} and {ip6} are without an address */
  char *zone; /* NULL: from the settings or from hostname */
  char *method; /* "GET", "POST", "PUT" */
  char *content_type; /* of body */
  guint auth; /* PhDdnsAuth */

  guint answer; /* PhDdnsAnswerForm */
  /* Beside what dyndns2 says; never NULL. */
  char **good, **unchanged, **refused, **later, **abuse;
  char **good_status, **unchanged_status, **refused_status; /* of decimal numbers; never NULL */

  char **families; /* never NULL */
  guint max_hosts; /* names in one call, for {hosts} and {subs} */
  guint min_interval; /* seconds after an update until the next */
  guint spacing; /* seconds between any two calls */
  guint max_per_day; /* calls; 0: no limit */
  guint refresh_days; /* an address is sent again although it is the same; 0: never */
  gboolean abuse_waits; /* "abuse" is tried again later, and not for the user to solve */
  gboolean compare_dns; /* what DNS says is what was sent */
} PhDdnsProvider;

typedef struct _PhDdnsProviders PhDdnsProviders;

/* own_file: NULL for the built-in ones alone. problems gets a sentence for each fault, element-type
 * char *; NULL and PH_ERROR_SETTINGS if there is any. Blocks on the disk. */
PhDdnsProviders *ph_ddns_providers_new (const char *own_file, GPtrArray *problems, GError **error);
/* The same from text; file stands in the sentences. own NULL: none. For tests of the format. */
PhDdnsProviders *ph_ddns_providers_new_from_text (
    const char *own, gsize length, const char *file, GPtrArray *problems, GError **error);
void ph_ddns_providers_free (PhDdnsProviders *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDdnsProviders, ph_ddns_providers_free)

/* NULL: there is none of this name. */
const PhDdnsProvider *ph_ddns_providers_find (PhDdnsProviders *self, const char *id);
/* Names of all, in the order of the files; NULL-terminated; free the array with g_free. */
const char **ph_ddns_providers_list (PhDdnsProviders *self);

gboolean ph_ddns_provider_takes (const PhDdnsProvider *self, PhFamily family);
/* Whether one call carries several names. */
gboolean ph_ddns_provider_is_multi_host (const PhDdnsProvider *self);
/* Whether any template has placeholder ("{user}") in it. */
gboolean ph_ddns_provider_uses (const PhDdnsProvider *self, const char *placeholder);
