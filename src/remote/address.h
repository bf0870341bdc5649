/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an IP address is good for, by the blocks it is in. Any thread. */
#pragma once

#include <gio/gio.h>

typedef enum {
  PH_ADDRESS_PUBLIC,
  PH_ADDRESS_PRIVATE, /* RFC 1918; unique local, RFC 4193 */
  PH_ADDRESS_SHARED, /* 100.64.0.0/10, between a provider's NAT and its customers (RFC 6598) */
  PH_ADDRESS_DS_LITE, /* 192.0.0.0/29 (RFC 6333): IPv4 over IPv6 through a provider's NAT */
  PH_ADDRESS_LINK_LOCAL,
  PH_ADDRESS_LOOPBACK,
  PH_ADDRESS_RESERVED /* anything else nobody can be called at (RFC 6890) */
} PhAddressKind;

PhAddressKind ph_address_classify (GInetAddress *address);

/* "public", "private", "shared", "ds-lite", "link-local", "loopback", "reserved". */
const char *ph_address_kind_get_name (PhAddressKind kind);
/* What that means, for a person: "a private address, …". */
const char *ph_address_kind_get_words (PhAddressKind kind);
