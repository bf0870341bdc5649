/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One action of a router's service, and what its answer means. Main thread. */
#pragma once

#include "remote/mapping.h"

#include <libgupnp/gupnp.h>

/* Error codes of WANIPConnection:2, section 2.5, of WANIPv6FirewallControl:1, section 2.5, and of
 * UPnP itself. */
typedef enum {
  PH_IGD_OK = 0,
  PH_IGD_INVALID_ARGUMENTS = 402,
  PH_IGD_ACTION_FAILED = 501,
  PH_IGD_NOT_AUTHORIZED = 606,
  PH_IGD_PINHOLE_FULL = 701,
  PH_IGD_PINHOLE_NOT_ALLOWED = 703,
  PH_IGD_NO_SUCH_PINHOLE = 704,
  PH_IGD_NO_SUCH_ENTRY = 714,
  PH_IGD_CONFLICT = 718,
  PH_IGD_SAME_PORTS_ONLY = 724,
  PH_IGD_PERMANENT_ONLY = 725,
  PH_IGD_TABLE_FULL = 728,
  PH_IGD_CONFLICT_INSIDE = 729,
  PH_IGD_NO_ANSWER = -1, /* none that could be understood */
  PH_IGD_CANCELLED = -2
} PhIgdCode;

/* The code of the answer, and in said (out, owned) what it says in words. action (out, owned by
 * result's task) is only set with PH_IGD_OK. */
PhIgdCode ph_igd_call_finish (GUPnPServiceProxy *service, GAsyncResult *result,
    GUPnPServiceProxyAction **action, char **said);

/* The actions on one entry of the table; port is the external one. Unref. */
GUPnPServiceProxyAction *ph_igd_call_new_add (
    const PhMappingRequest *request, guint port, guint lease_s, const char *description);
/* The same, but the router may give another port. */
GUPnPServiceProxyAction *ph_igd_call_new_add_any (
    const PhMappingRequest *request, guint port, guint lease_s, const char *description);
GUPnPServiceProxyAction *ph_igd_call_new_look (guint port);
GUPnPServiceProxyAction *ph_igd_call_new_delete (guint port);
GUPnPServiceProxyAction *ph_igd_call_new_address (void);

/* The actions on the router's IPv6 firewall. Unref. */
GUPnPServiceProxyAction *ph_igd_call_new_firewall_status (void);
GUPnPServiceProxyAction *ph_igd_call_new_add_pinhole (const PhMappingRequest *request);
GUPnPServiceProxyAction *ph_igd_call_new_update_pinhole (const PhMappingRequest *request);
GUPnPServiceProxyAction *ph_igd_call_new_delete_pinhole (const PhMappingRequest *request);

typedef struct {
  char *client;
  guint port; /* internal */
  char *description;
} PhIgdEntry;

/* Of the answer to ph_igd_call_new_look. */
void ph_igd_entry_init (PhIgdEntry *self, GUPnPServiceProxyAction *action);
void ph_igd_entry_clear (PhIgdEntry *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhIgdEntry, ph_igd_entry_clear)

/* Of the answer to ph_igd_call_new_address. NULL: none. */
GInetAddress *ph_igd_call_get_address (GUPnPServiceProxyAction *action);
