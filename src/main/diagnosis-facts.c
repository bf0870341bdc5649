/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/diagnosis-facts.h"

#include "access/certificate.h"

#include <string.h>

static PhFact
is_certified (GTlsCertificate *certificate, const char *hostname)
{
  g_autoptr (GSocketConnectable) identity = g_network_address_new (hostname, 443);

  if (certificate == NULL)
    return PH_FACT_UNKNOWN;
  return (g_tls_certificate_verify (certificate, identity, NULL) & G_TLS_CERTIFICATE_BAD_IDENTITY)
             ? PH_FACT_NO
             : PH_FACT_YES;
}

static gboolean
has_name (const PhDoctorFacts *facts, const char *hostname)
{
  for (guint i = 0; i < facts->names->len; i++)
    if (g_ascii_strcasecmp (
            ((PhDoctorName *)g_ptr_array_index (facts->names, i))->hostname, hostname) == 0)
      return TRUE;
  return FALSE;
}

static PhDoctorName *
add_name (PhDoctorFacts *facts, const char *hostname, GTlsCertificate *certificate)
{
  PhDoctorName *name = ph_doctor_facts_add_name (facts, hostname);

  name->is_certified = is_certified (certificate, hostname);
  name->is_served = TRUE;
  return name;
}

static void
add_dynamic_names (PhDoctorFacts *facts, const PhConfig *config, GTlsCertificate *certificate)
{
  const char *const *served = (const char *const *)config->http->hostnames;

  for (guint i = 0; i < config->remote->ddns->len; i++) {
    const PhDdnsConfig *ddns = g_ptr_array_index (config->remote->ddns, i);
    const char *const *families = (const char *const *)ddns->families;
    PhDoctorName *name = NULL;

    if (has_name (facts, ddns->hostname))
      continue;
    name = add_name (facts, ddns->hostname, certificate);
    name->is_dynamic = TRUE;
    name->is_served = g_strv_contains (served, ddns->hostname);
    name->wants_ipv4 = g_strv_contains (families, "ipv4");
    name->wants_ipv6 = g_strv_contains (families, "ipv6");
    name->is_elsewhere = g_str_equal (ddns->provider, "cloudflare");
  }
}

/* Names of this network alone (without a dot, or of mDNS, RFC 6762) lead nobody here from outside.
 */
static gboolean
is_for_outside (const char *hostname)
{
  return strchr (hostname, '.') != NULL && !g_hostname_is_ip_address (hostname) &&
         strchr (hostname, '*') == NULL && !g_str_has_suffix (hostname, ".local");
}

static void
add_fixed_names (PhDoctorFacts *facts, const PhConfig *config, GTlsCertificate *certificate)
{
  for (char **hostname = config->http->hostnames; *hostname != NULL; hostname++)
    if (is_for_outside (*hostname) && !has_name (facts, *hostname))
      add_name (facts, *hostname, certificate);
}

void
ph_diagnosis_facts_fill (PhDoctorFacts *facts, const PhConfig *config, GTlsCertificate *certificate)
{
  facts->has_users = config->access->users->len > 0;
  facts->is_loopback = g_str_equal (config->http->listen, "loopback");
  facts->https_port = config->http->tls_port;
  facts->has_certificate = certificate != NULL;
  facts->is_self_signed = config->tls->certificate == NULL;
  if (certificate != NULL)
    facts->certificate_days = ph_certificate_get_days_left (certificate, facts->now);
  facts->wants_mapping = config->remote->port_mapping->is_enabled;
  add_dynamic_names (facts, config, certificate);
  add_fixed_names (facts, config, certificate);
}
