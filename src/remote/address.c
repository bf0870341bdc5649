/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/address.h"

#include <string.h>

typedef struct {
  guint8 prefix[16];
  guint n_bits;
  PhAddressKind kind;
} Block;

/* The first block that fits counts. */
static const Block ipv4_blocks[] = {
  { { 10 }, 8, PH_ADDRESS_PRIVATE }, { { 172, 16 }, 12, PH_ADDRESS_PRIVATE },
  { { 192, 168 }, 16, PH_ADDRESS_PRIVATE }, { { 100, 64 }, 10, PH_ADDRESS_SHARED },
  { { 192, 0, 0, 0 }, 29, PH_ADDRESS_DS_LITE }, { { 169, 254 }, 16, PH_ADDRESS_LINK_LOCAL },
  { { 127 }, 8, PH_ADDRESS_LOOPBACK }, { { 0 }, 8, PH_ADDRESS_RESERVED },
  { { 192, 0, 0 }, 24, PH_ADDRESS_RESERVED }, { { 192, 0, 2 }, 24, PH_ADDRESS_RESERVED },
  { { 192, 31, 196 }, 24, PH_ADDRESS_RESERVED }, { { 192, 52, 193 }, 24, PH_ADDRESS_RESERVED },
  { { 192, 88, 99 }, 24, PH_ADDRESS_RESERVED }, { { 192, 175, 48 }, 24, PH_ADDRESS_RESERVED },
  { { 198, 18 }, 15, PH_ADDRESS_RESERVED }, { { 198, 51, 100 }, 24, PH_ADDRESS_RESERVED },
  { { 203, 0, 113 }, 24, PH_ADDRESS_RESERVED },
  { { 224 }, 3, PH_ADDRESS_RESERVED }, /* multicast, and what was never given out */
};

/* Global unicast is 2000::/3 but for some blocks in it. */
static const Block ipv6_blocks[] = {
  { { [15] = 1 }, 128, PH_ADDRESS_LOOPBACK },
  { { 0xfe, 0x80 }, 10, PH_ADDRESS_LINK_LOCAL },
  { { 0xfc }, 7, PH_ADDRESS_PRIVATE },
  { { 0x20, 0x01, 0x00, 0x00 }, 23, PH_ADDRESS_RESERVED }, /* Teredo, ORCHID, benchmarks, ... */
  { { 0x20, 0x01, 0x0d, 0xb8 }, 32, PH_ADDRESS_RESERVED }, /* documentation */
  { { 0x20, 0x02 }, 16, PH_ADDRESS_RESERVED }, /* 6to4 */
  { { 0x3f, 0xff }, 20, PH_ADDRESS_RESERVED }, /* documentation, RFC 9637 */
  { { 0x20 }, 3, PH_ADDRESS_PUBLIC },
};

static gboolean
is_in (const guint8 *bytes, const Block *block)
{
  guint n_whole = block->n_bits / 8, n_rest = block->n_bits % 8;
  guint8 mask = (guint8)(0xff00 >> n_rest);

  return memcmp (bytes, block->prefix, n_whole) == 0 &&
         (n_rest == 0 || ((bytes[n_whole] ^ block->prefix[n_whole]) & mask) == 0);
}

static PhAddressKind
find_kind (const guint8 *bytes, const Block *blocks, gsize n_blocks, PhAddressKind fallback)
{
  for (gsize i = 0; i < n_blocks; i++)
    if (is_in (bytes, &blocks[i]))
      return blocks[i].kind;
  return fallback;
}

PhAddressKind
ph_address_classify (GInetAddress *address)
{
  const guint8 *bytes = g_inet_address_to_bytes (address);

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4)
    return find_kind (bytes, ipv4_blocks, G_N_ELEMENTS (ipv4_blocks), PH_ADDRESS_PUBLIC);
  return find_kind (bytes, ipv6_blocks, G_N_ELEMENTS (ipv6_blocks), PH_ADDRESS_RESERVED);
}

const char *
ph_address_kind_get_name (PhAddressKind kind)
{
  static const char *const names[] = { "public", "private", "shared", "ds-lite", "link-local",
    "loopback", "reserved" };

  return names[kind];
}

const char *
ph_address_kind_get_words (PhAddressKind kind)
{
  static const char *const words[] = {
    "a public address",
    "a private address, which another router hides",
    "an address that the provider shares among its customers (CGNAT)",
    "the inside of a tunnel (DS-Lite), without an IPv4 address of its own",
    "an address of this network only",
    "an address of this machine only",
    "an address that nobody on the internet can reach",
  };

  return words[kind];
}
