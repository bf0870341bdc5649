/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/address-verdict.h"

#include "remote/address.h"

/* One question in the own network costs nothing. */
#define SILENT_ROUTER_POLL_S 20
#define POLL_S 600
/* Web services are asked seldom while the router tells: they are guests of others. */
#define WEB_POLL_S 3600

static gboolean
is_kind (GInetAddress *address, PhAddressKind kind)
{
  return address != NULL && ph_address_classify (address) == kind;
}

/* The one the internet sees is right in the end, if it is known: it alone can be published. */
static PhAddressVerdict
judge_router (const PhAddressFacts *facts)
{
  PhAddressKind kind = ph_address_classify (facts->router);

  if (kind == PH_ADDRESS_PUBLIC && facts->web != NULL &&
      !g_inet_address_equal (facts->router, facts->web))
    return (PhAddressVerdict){ PH_ADDRESS_FOUND_HIDDEN_NAT, facts->web };
  if (kind == PH_ADDRESS_PUBLIC)
    return (PhAddressVerdict){ PH_ADDRESS_FOUND_ROUTER, facts->router };
  if (kind == PH_ADDRESS_SHARED || kind == PH_ADDRESS_DS_LITE)
    return (PhAddressVerdict){ PH_ADDRESS_FOUND_CGNAT, facts->web };
  return (PhAddressVerdict){ PH_ADDRESS_FOUND_DOUBLE_NAT, facts->web };
}

PhAddressVerdict
ph_address_verdict (const PhAddressFacts *facts)
{
  if (is_kind (facts->interface, PH_ADDRESS_PUBLIC))
    return (PhAddressVerdict){ PH_ADDRESS_FOUND_DIRECT, facts->interface };
  if (facts->router != NULL)
    return judge_router (facts);
  if (is_kind (facts->interface, PH_ADDRESS_SHARED) ||
      is_kind (facts->interface, PH_ADDRESS_DS_LITE))
    return (PhAddressVerdict){ PH_ADDRESS_FOUND_CGNAT, facts->web };
  if (facts->web != NULL)
    return (PhAddressVerdict){ PH_ADDRESS_FOUND_WEB, facts->web };
  return (PhAddressVerdict){ PH_ADDRESS_FOUND_NONE, NULL };
}

guint
ph_address_finding_get_poll_time (PhAddressFinding finding, gboolean is_silent)
{
  return is_silent && finding == PH_ADDRESS_FOUND_ROUTER ? SILENT_ROUTER_POLL_S : POLL_S;
}

gboolean
ph_address_finding_wants_web (PhAddressFinding finding, gint64 web_age)
{
  return finding != PH_ADDRESS_FOUND_ROUTER || web_age > WEB_POLL_S;
}

const char *
ph_address_finding_get_name (PhAddressFinding finding)
{
  static const char *const names[] = { "none", "direct", "router", "cgnat", "double-nat",
    "hidden-nat", "web" };

  return names[finding];
}

const char *
ph_address_finding_get_words (PhAddressFinding finding)
{
  static const char *const words[] = {
    "it is not known under which address this place is seen from outside",
    "this machine itself has a public address",
    "the router has a public address",
    "the provider shares one public address among its customers (CGNAT), and lets no connection in",
    "the router stands behind another router (double NAT), which would have to let connections in "
    "as well",
    "the router has another address than the internet sees: somebody in between, most likely the "
    "provider, translates once more",
    "web services see this address, but the router does not say whether it is its own",
  };

  return words[finding];
}
