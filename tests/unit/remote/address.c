/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/address.h"

typedef struct {
  const char *address;
  PhAddressKind kind;
} Row;

/* The first and the last of each block, and their neighbours. */
static const Row rows[] = {
  { "5.6.7.8", PH_ADDRESS_PUBLIC },
  { "9.255.255.255", PH_ADDRESS_PUBLIC },
  { "10.0.0.0", PH_ADDRESS_PRIVATE },
  { "10.255.255.255", PH_ADDRESS_PRIVATE },
  { "11.0.0.0", PH_ADDRESS_PUBLIC },
  { "100.63.255.255", PH_ADDRESS_PUBLIC },
  { "100.64.0.0", PH_ADDRESS_SHARED },
  { "100.127.255.255", PH_ADDRESS_SHARED },
  { "100.128.0.0", PH_ADDRESS_PUBLIC },
  { "127.0.0.1", PH_ADDRESS_LOOPBACK },
  { "169.254.1.1", PH_ADDRESS_LINK_LOCAL },
  { "172.15.255.255", PH_ADDRESS_PUBLIC },
  { "172.16.0.0", PH_ADDRESS_PRIVATE },
  { "172.31.255.255", PH_ADDRESS_PRIVATE },
  { "172.32.0.0", PH_ADDRESS_PUBLIC },
  { "192.0.0.2", PH_ADDRESS_DS_LITE },
  { "192.0.0.8", PH_ADDRESS_RESERVED },
  { "192.0.1.0", PH_ADDRESS_PUBLIC },
  { "192.0.2.1", PH_ADDRESS_RESERVED },
  { "192.168.255.255", PH_ADDRESS_PRIVATE },
  { "192.169.0.0", PH_ADDRESS_PUBLIC },
  { "198.17.255.255", PH_ADDRESS_PUBLIC },
  { "198.19.255.255", PH_ADDRESS_RESERVED },
  { "203.0.113.7", PH_ADDRESS_RESERVED },
  { "223.255.255.255", PH_ADDRESS_PUBLIC },
  { "224.0.0.1", PH_ADDRESS_RESERVED },
  { "255.255.255.255", PH_ADDRESS_RESERVED },
  { "0.0.0.0", PH_ADDRESS_RESERVED },
  { "2a01:4f8::1", PH_ADDRESS_PUBLIC },
  { "2001:200::1", PH_ADDRESS_PUBLIC },
  { "2001:db8::1", PH_ADDRESS_RESERVED },
  { "2001::1", PH_ADDRESS_RESERVED },
  { "2002:506:708::1", PH_ADDRESS_RESERVED },
  { "fd00::1", PH_ADDRESS_PRIVATE },
  { "fe80::1", PH_ADDRESS_LINK_LOCAL },
  { "febf::1", PH_ADDRESS_LINK_LOCAL },
  { "fec0::1", PH_ADDRESS_RESERVED },
  { "::1", PH_ADDRESS_LOOPBACK },
  { "::", PH_ADDRESS_RESERVED },
  { "::ffff:5.6.7.8", PH_ADDRESS_RESERVED },
  { "4000::1", PH_ADDRESS_RESERVED },
};

static void
every_block_is_told_from_its_neighbours (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GInetAddress) address = g_inet_address_new_from_string (rows[i].address);

    g_test_message ("%s", rows[i].address);
    g_assert_cmpint (ph_address_classify (address), ==, rows[i].kind);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/remote/address/blocks", every_block_is_told_from_its_neighbours);
  return g_test_run ();
}
