/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/tables.h"

#include "base/reader.h"
#include "base/safe-url.h"
#include "config/remote-config.h"

#include <gio/gio.h>

#define MAX_NAMES 64
#define MAX_SOURCES 16
#define MAX_ALLOWANCE 1000000 /* GB */

#define DOMAIN_PATTERN "^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?$"

static const char *const families[] = { "ipv4", "ipv6", NULL };
static const char *const ports[] = { "https", "rtsps", "http", "rtsp", NULL };

static gboolean
is_family (const char *text)
{
  return g_strv_contains (families, text);
}

static gboolean
is_port (const char *text)
{
  return g_strv_contains (ports, text);
}

static gboolean
is_source (const char *text)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);

  return address != NULL || g_str_equal (text, "router") || g_str_equal (text, "interface") ||
         ph_safe_url_check (text);
}

static gboolean
is_regex (const char *text)
{
  g_autoptr (GRegex) regex = g_regex_new (text, 0, 0, NULL);

  return regex != NULL;
}

/* clang-format off */
#define AT(member) G_STRUCT_OFFSET (PhPublicAddressConfig, member)
static const PhField public_address_fields[] = {
  { "sources", PH_FIELD_TEXTS, AT (sources), "[\"router\", \"interface\", \"https://api64.ipify.org\", \"https://icanhazip.com\"]",
    "Who is asked for the public address, in this order: the router, this machine's own interfaces, and web services that answer with the caller's address, of which two must agree. An address itself is one that never changes",
    .min = 1, .max = MAX_SOURCES, .is_allowed = is_source,
    .allowed = "\"router\", \"interface\", an IP address or " PH_SAFE_URL_ALLOWED },
  { NULL },
};
#undef AT

#define AT(member) G_STRUCT_OFFSET (PhPortMappingConfig, member)
static const PhField port_mapping_fields[] = {
  { "enabled", PH_FIELD_BOOLEAN, AT (is_enabled), "false", "Whether the router is asked to let connections from outside in" },
  { "ports", PH_FIELD_TEXTS, AT (ports), "[\"https\"]", "What is to be reached from outside",
    .min = 1, .max = 4, .is_allowed = is_port, .allowed = "\"https\" or \"rtsps\", and with allow_plain \"http\" or \"rtsp\"" },
  { "allow_plain", PH_FIELD_BOOLEAN, AT (allow_plain), "false", "Whether ports without TLS may be opened, over which everybody on the way can read" },
  { "external_https_port", PH_FIELD_UINT, AT (external_https_port), "0", "Port outside that is to lead to HTTPS by IPv4; 0: the same as inside. Another one is taken if somebody else has it",
    .min = 0, .max = 65535 },
  { "external_rtsps_port", PH_FIELD_UINT, AT (external_rtsps_port), "0", "The same for RTSPS",
    .min = 0, .max = 65535 },
  { NULL },
};
#undef AT

#define AT(member) G_STRUCT_OFFSET (PhDdnsConfig, member)
static const PhField ddns_fields[] = {
  { "provider", PH_FIELD_TEXT, AT (provider), NULL, "Who keeps the name: a provider's name as in docs/ddns.md, or generic, which url describes",
    PH_FIELD_REQUIRED, .max = 63, .pattern = "^[a-z0-9][a-z0-9.-]*$", .allowed = "a provider's name, like \"no-ip\", or \"generic\"" },
  { "hostname", PH_FIELD_TEXT, AT (hostname), NULL, "The name that is to follow the public address",
    PH_FIELD_REQUIRED, .max = 253, .pattern = "^(\\*\\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?$",
    .allowed = "a host name, like \"cam.example.org\"" },
  { "zone", PH_FIELD_TEXT, AT (zone), NULL, "The domain at the provider's that hostname belongs to; without it found from hostname",
    .max = 253, .pattern = DOMAIN_PATTERN, .allowed = "a domain, like \"example.org\"" },
  { "username", PH_FIELD_TEXT, AT (username), NULL, "User name at the provider's, where it wants one",
    .max = 255 },
  { "password", PH_FIELD_TEXT, AT (password), NULL, "Password, token or key in clear; password_file keeps it out of this file",
    PH_FIELD_PRIVATE, .max = 1023 },
  { "password_file", PH_FIELD_PATH, AT (password_file), NULL, "File with the password, token or key in its first line" },
  { "families", PH_FIELD_TEXTS, AT (families), "[\"ipv4\", \"ipv6\"]", "Kinds of addresses to publish, as far as there are any and the provider takes them",
    .min = 1, .max = 2, .is_allowed = is_family, .allowed = "\"ipv4\" or \"ipv6\"" },
  { "url", PH_FIELD_TEXT, AT (url), NULL, "With provider generic: what to call, with {host}, {ip}, {ip4}, {ip6}, {user} and {pass}",
    PH_FIELD_PRIVATE, .max = 2000, .is_allowed = ph_safe_url_check,
    .allowed = PH_SAFE_URL_ALLOWED " and has no user name in front of its host" },
  { "success", PH_FIELD_TEXT, AT (success), NULL, "With provider generic: regular expression that an answer matches which means success; without it good or nochg, as dyndns2 says",
    .max = 500, .is_allowed = is_regex, .allowed = "a regular expression" },
  { NULL },
};
#undef AT

static const PhTable public_address_table, port_mapping_table, ddns_table;

#define AT(member) G_STRUCT_OFFSET (PhDdnsOrder, member)
static const PhField ddns_order_fields[] = {
  { "hostname", PH_FIELD_TEXT, AT (hostname), NULL, "The name to try again with", PH_FIELD_REQUIRED, .max = 253 },
  { NULL },
};
#undef AT

#define AT(member) G_STRUCT_OFFSET (PhRemoteConfig, member)
static const PhField remote_fields[] = {
  { "public_address", PH_FIELD_TABLE, AT (public_address), "{}", "How the public address is found", .table = &public_address_table },
  { "ddns", PH_FIELD_LIST, AT (ddns), "[]", "Names that are to follow the public address (dynamic DNS)",
    .min = 0, .max = MAX_NAMES, .table = &ddns_table },
  { "ddns_providers", PH_FIELD_PATH, AT (ddns_providers), NULL, "File with own dynamic DNS providers, or with changes to those that Porthole knows" },
  { "port_mapping", PH_FIELD_TABLE, AT (port_mapping), "{}", "Ports to open at the router", .table = &port_mapping_table },
  { "contact", PH_FIELD_TEXT, AT (contact), NULL, "Mail address of yours that dynamic DNS providers are told, so that they can write before they ban; No-IP and Dyn want one of every program that calls them",
    .max = 254, .pattern = "^[!-?A-~]+@[!-?A-~]+$", .allowed = "a mail address" },
  { "ca_file", PH_FIELD_PATH, AT (ca_file), NULL, "PEM file with the certificate authorities to believe when something outside is asked; without it the system's" },
  { "allowance", PH_FIELD_DOUBLE, AT (allowance), "0", "GB that viewers outside may be sent in a month; at 80 % of it there is a warning, and from then on they are offered the smallest stream of a camera alone. 0: no limit",
    .min = 0, .max = MAX_ALLOWANCE },
  { NULL },
};
#undef AT
/* clang-format on */

static void
finish_port_mapping (PhReader *reader, gpointer record)
{
  const PhPortMappingConfig *mapping = record;

  for (guint i = 0; mapping->ports != NULL && mapping->ports[i] != NULL; i++) {
    g_autofree char *key = g_strdup_printf ("ports[%u]", i);

    if (!mapping->allow_plain && !g_str_has_suffix (mapping->ports[i], "s"))
      ph_reader_add_problem (reader, key,
          "found \"%s\", over which everybody on the way can read; allowed: \"https\" and "
          "\"rtsps\", or this with \"allow_plain\": true",
          mapping->ports[i]);
  }
}

static void
make_lower_case (char **name)
{
  char *given = *name;

  if (given != NULL)
    *name = g_ascii_strdown (given, -1);
  g_free (given);
}

static gboolean
is_below (const char *hostname, const char *zone)
{
  g_autofree char *ending = g_strconcat (".", zone, NULL);

  return g_str_equal (hostname, zone) || g_str_has_suffix (hostname, ending);
}

static void
finish_ddns (PhReader *reader, gpointer record)
{
  PhDdnsConfig *ddns = record;
  gboolean is_generic = g_strcmp0 (ddns->provider, "generic") == 0;

  make_lower_case (&ddns->hostname);
  make_lower_case (&ddns->zone);
  if (is_generic && ddns->url == NULL)
    ph_reader_add_problem (
        reader, "url", "found nothing, but provider \"generic\" needs it; allowed: a text");
  if (!is_generic && ddns->provider != NULL && (ddns->url != NULL || ddns->success != NULL))
    ph_reader_add_problem (reader, ddns->url != NULL ? "url" : "success",
        "found with provider \"%s\"; allowed: only with provider \"generic\"", ddns->provider);
  if (ddns->password != NULL && ddns->password_file != NULL)
    ph_reader_add_problem (
        reader, NULL, "found both password and password_file; allowed: one of them");
  if (ddns->hostname != NULL && ddns->zone != NULL && !is_below (ddns->hostname, ddns->zone))
    ph_reader_add_problem (reader, "zone", "found \"%s\"; allowed: a domain that \"%s\" is in",
        ddns->zone, ddns->hostname);
}

/* One name at one provider has one state; two entries would take turns in changing it. */
static void
finish_remote (PhReader *reader, gpointer record)
{
  const PhRemoteConfig *remote = record;
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; remote->ddns != NULL && i < remote->ddns->len; i++) {
    const PhDdnsConfig *ddns = g_ptr_array_index (remote->ddns, i);
    g_autofree char *key = g_strdup_printf ("ddns[%u].hostname", i);

    if (ddns->provider != NULL && ddns->hostname != NULL &&
        !g_hash_table_add (names, g_strconcat (ddns->provider, " ", ddns->hostname, NULL)))
      ph_reader_add_problem (reader, key,
          "found \"%s\" a second time with this provider; allowed: once", ddns->hostname);
  }
}

static const PhTable public_address_table = {
  .name = "public_address",
  .help = "How the address is found under which the internet sees this place",
  .size = sizeof (PhPublicAddressConfig),
  .fields = public_address_fields,
};

static const PhTable port_mapping_table = {
  .name = "port_mapping",
  .help = "Ports that the router is asked to open, by PCP, NAT-PMP or UPnP",
  .size = sizeof (PhPortMappingConfig),
  .fields = port_mapping_fields,
  .finish = finish_port_mapping,
};

static const PhTable ddns_table = {
  .name = "ddns",
  .help = "A name that is to follow the public address. One of password and password_file says the "
          "password, or the systemd credential porthole.ddns.HOSTNAME does",
  .size = sizeof (PhDdnsConfig),
  .fields = ddns_fields,
  .finish = finish_ddns,
};

const PhTable ph_remote_table = {
  .name = "remote",
  .help = "Being reached from outside",
  .size = sizeof (PhRemoteConfig),
  .fields = remote_fields,
  .finish = finish_remote,
};

const PhTable ph_ddns_order_table = {
  .name = "ddns",
  .help = "A name to try again with",
  .size = sizeof (PhDdnsOrder),
  .fields = ddns_order_fields,
};
