/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the settings say about being reached from outside, after checking. Plain data, immutable
 * once loaded; any thread. Which providers there are, and passwords, are resolved by remote/. */
#pragma once

#include <glib.h>

typedef struct {
  char *provider; /* a name of the provider file, or "generic" */
  char *hostname; /* lower case */
  char *zone; /* nullable: found from hostname */
  char *username; /* nullable */
  /* At most one of these; none: a systemd credential, or no password. */
  char *password;
  char *password_file; /* absolute */
  char **families; /* of "ipv4" and "ipv6"; never NULL */
  char *url; /* generic: the template, else NULL */
  char *success; /* generic: regular expression; NULL: as dyndns2 */
} PhDdnsConfig;

/* What /api/v1/ddns is told. */
typedef struct {
  char *hostname; /* to try again with */
} PhDdnsOrder;

typedef struct {
  char **sources; /* of "router", "interface", URLs of echo services, addresses; never NULL */
} PhPublicAddressConfig;

typedef struct {
  gboolean is_enabled;
  char **ports; /* of "https", "rtsps", "http" and "rtsp"; the last two only with allow_plain */
  gboolean allow_plain;
  guint external_https_port, external_rtsps_port; /* 0: the same as inside */
} PhPortMappingConfig;

typedef struct {
  PhPublicAddressConfig *public_address;
  GPtrArray *ddns; /* element-type PhDdnsConfig */
  char *ddns_providers; /* own provider file, absolute; nullable */
  PhPortMappingConfig *port_mapping;
  char *contact; /* mail address; nullable */
  char *ca_file; /* PEM, absolute; NULL: the system's authorities */
  double allowance; /* GB (10^9 bytes) that viewers outside may be sent in a month; 0: no limit */
} PhRemoteConfig;
