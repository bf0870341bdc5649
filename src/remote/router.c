/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/router.h"

#include "base/error.h"
#include "remote/announcements.h"
#include "remote/igd-mapping.h"
#include "remote/igd-pinhole.h"
#include "remote/natpmp.h"
#include "remote/network-watch.h"
#include "remote/pcp.h"

struct _PhRouter {
  GObject parent_instance;
  PhGateway *ipv4; /* nullable */
  PhGateway *ipv6; /* nullable */
  char *why_not[2]; /* nullable: why there is no ipv4, no ipv6 */
  PhNetworkWatch *watch; /* NULL: not started */
  PhAnnouncements *announcements;
  PhIgd *igd; /* nullable: not asked yet */
  GInetAddress *address; /* nullable */
  PhMappingProtocol address_protocol;
  char *address_words;
  struct {
    gboolean is_known;
    guint32 epoch_s;
    gint64 at_us;
  } epochs[PH_N_MAPPING_PROTOCOLS];
};

G_DEFINE_FINAL_TYPE (PhRouter, ph_router, G_TYPE_OBJECT)

static guint restarted_signal, address_changed_signal, notified_signal;

static PhGateway *
find_gateway (PhRouter *self, GSocketFamily family)
{
  g_autoptr (GError) error = NULL;
  PhGateway *gateway = ph_gateway_find (family, &error);
  char **why_not = &self->why_not[family == G_SOCKET_FAMILY_IPV4 ? 0 : 1];

  g_free (*why_not);
  *why_not = error != NULL ? g_strdup (error->message) : NULL;
  return gateway;
}

static void
drop_igd (PhRouter *self)
{
  if (self->igd != NULL)
    ph_igd_close (self->igd);
  g_clear_pointer (&self->igd, ph_igd_unref);
}

static void
on_announced (gpointer user_data)
{
  g_signal_emit (user_data, restarted_signal, 0);
}

static void
on_event (gpointer user_data)
{
  g_signal_emit (user_data, notified_signal, 0);
}

static void
forget_address (PhRouter *self)
{
  for (guint i = 0; i < PH_N_MAPPING_PROTOCOLS; i++)
    self->epochs[i].is_known = FALSE;
  if (self->address == NULL)
    return;
  g_clear_object (&self->address);
  g_signal_emit (self, address_changed_signal, 0);
}

static void
on_network_changed (gpointer user_data)
{
  PhRouter *self = user_data;
  g_autoptr (PhGateway) ipv4 = find_gateway (self, G_SOCKET_FAMILY_IPV4);
  g_autoptr (PhGateway) ipv6 = find_gateway (self, G_SOCKET_FAMILY_IPV6);
  gboolean is_same_ipv4 = ph_gateway_equal (ipv4, self->ipv4);

  if (is_same_ipv4 && ph_gateway_equal (ipv6, self->ipv6))
    return;
  g_debug ("the way to the router changed");
  g_clear_pointer (&self->announcements, ph_announcements_free);
  g_clear_pointer (&self->ipv4, ph_gateway_free);
  g_clear_pointer (&self->ipv6, ph_gateway_free);
  self->ipv4 = g_steal_pointer (&ipv4);
  self->ipv6 = g_steal_pointer (&ipv6);
  self->announcements = ph_announcements_new (self->ipv4, self->ipv6, on_announced, self);
  if (!is_same_ipv4) {
    drop_igd (self);
    forget_address (self);
  }
  g_signal_emit (self, restarted_signal, 0);
}

PhRouter *
ph_router_new (void)
{
  PhRouter *self = g_object_new (PH_TYPE_ROUTER, NULL);

  self->address_words = g_strdup ("");
  return self;
}

void
ph_router_start (PhRouter *self)
{
  if (self->watch != NULL)
    return;
  self->ipv4 = find_gateway (self, G_SOCKET_FAMILY_IPV4);
  self->ipv6 = find_gateway (self, G_SOCKET_FAMILY_IPV6);
  self->watch = ph_network_watch_new (on_network_changed, self);
  self->announcements = ph_announcements_new (self->ipv4, self->ipv6, on_announced, self);
}

void
ph_router_stop (PhRouter *self)
{
  g_clear_pointer (&self->watch, ph_network_watch_free);
  g_clear_pointer (&self->announcements, ph_announcements_free);
  if (self->igd != NULL)
    ph_igd_close_at_end (self->igd);
  drop_igd (self);
}

const PhGateway *
ph_router_get_gateway (PhRouter *self, GSocketFamily family, GError **error)
{
  gboolean is_ipv4 = family == G_SOCKET_FAMILY_IPV4;
  const PhGateway *gateway = is_ipv4 ? self->ipv4 : self->ipv6;
  const char *why_not = self->why_not[is_ipv4 ? 0 : 1];

  if (gateway == NULL)
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE, "%s",
        why_not != NULL ? why_not : "the network was not looked at yet");
  return gateway;
}

gboolean
ph_router_has_protocol (GSocketFamily family, PhMappingProtocol protocol)
{
  return family == G_SOCKET_FAMILY_IPV4 || protocol != PH_MAPPING_NATPMP;
}

static void
take_address (PhRouter *self, PhMappingProtocol protocol, const PhMappingAnswer *answer)
{
  gboolean is_same = self->address == NULL || answer->external_address == NULL
                         ? self->address == answer->external_address
                         : g_inet_address_equal (self->address, answer->external_address);

  g_free (self->address_words);
  self->address_words = g_strdup (answer->said);
  if (is_same)
    return;
  self->address_protocol = protocol;
  g_set_object (&self->address, answer->external_address);
  g_signal_emit (self, address_changed_signal, 0);
}

/* RFC 6887, section 8.5, and RFC 6886, section 3.6: a clock that runs slower than ours, or
 * backwards, was started again in between. */
static void
look_at_epoch (PhRouter *self, PhMappingProtocol protocol, guint32 epoch_s)
{
  gint64 now_us = g_get_monotonic_time ();
  gint64 passed_s = (now_us - self->epochs[protocol].at_us) / G_USEC_PER_SEC;
  gint64 expected_s = self->epochs[protocol].epoch_s + passed_s * 7 / 8 - 2;
  gboolean has_restarted = self->epochs[protocol].is_known && (gint64)epoch_s < expected_s;

  self->epochs[protocol].is_known = TRUE;
  self->epochs[protocol].epoch_s = epoch_s;
  self->epochs[protocol].at_us = now_us;
  if (has_restarted) {
    g_debug ("the router's clock says that it was restarted");
    g_signal_emit (self, restarted_signal, 0);
  }
}

static PhIgd *
ensure_igd (PhRouter *self, GError **error)
{
  if (self->igd == NULL && ph_router_get_gateway (self, G_SOCKET_FAMILY_IPV4, error) != NULL)
    self->igd = ph_igd_new (self->ipv4, on_announced, self, error);
  return self->igd;
}

static void
on_pcp_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PhRouter *self = g_task_get_source_object (task);
  GError *error = NULL;
  PhMappingAnswer *answer = ph_pcp_map_finish (result, &error);

  if (answer == NULL) {
    g_task_return_error (task, error);
    return;
  }
  if (answer->external_address != NULL &&
      g_inet_address_get_family (answer->external_address) == G_SOCKET_FAMILY_IPV4)
    take_address (self, PH_MAPPING_PCP, answer);
  if (answer->has_epoch && answer->outcome == PH_MAPPING_DONE)
    look_at_epoch (self, PH_MAPPING_PCP, answer->epoch_s);
  g_task_return_pointer (task, answer, (GDestroyNotify)ph_mapping_answer_free);
}

static void
on_natpmp_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PhRouter *self = g_task_get_source_object (task);
  GError *error = NULL;
  PhMappingAnswer *answer = ph_natpmp_map_finish (result, &error);

  if (answer == NULL) {
    g_task_return_error (task, error);
    return;
  }
  if (answer->has_epoch && answer->outcome == PH_MAPPING_DONE)
    look_at_epoch (self, PH_MAPPING_NATPMP, answer->epoch_s);
  g_task_return_pointer (task, answer, (GDestroyNotify)ph_mapping_answer_free);
}

static void
maybe_subscribe (PhRouter *self)
{
  if (self->igd != NULL && g_signal_has_handler_pending (self, notified_signal, 0, FALSE))
    ph_igd_ensure_events (self->igd, on_event, self);
}

static void
on_igd_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PhRouter *self = g_task_get_source_object (task);
  GError *error = NULL;
  PhMappingAnswer *answer = ph_igd_map_finish (result, &error);

  if (answer == NULL) {
    g_task_return_error (task, error);
    return;
  }
  if (answer->external_address != NULL) {
    take_address (self, PH_MAPPING_UPNP, answer);
    maybe_subscribe (self);
  }
  g_task_return_pointer (task, answer, (GDestroyNotify)ph_mapping_answer_free);
}

static void
on_pinhole_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  PhMappingAnswer *answer = ph_igd_pinhole_finish (result, &error);

  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify)ph_mapping_answer_free);
  else
    g_task_return_error (task, error);
}

/* Takes task. */
static void
map_by_igd (PhRouter *self, GTask *task, const PhMappingRequest *request)
{
  g_autoptr (GError) error = NULL;
  PhIgd *igd = ensure_igd (self, &error);
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (igd != NULL && request->gateway->family == G_SOCKET_FAMILY_IPV6) {
    ph_igd_pinhole_async (igd, request, cancellable, on_pinhole_answered, task);
    return;
  }
  if (igd != NULL) {
    ph_igd_map_async (igd, request, cancellable, on_igd_answered, task);
    return;
  }
  g_task_return_pointer (task, ph_mapping_answer_new (PH_MAPPING_ABSENT, "%s", error->message),
      (GDestroyNotify)ph_mapping_answer_free);
  g_object_unref (task);
}

void
ph_router_map_async (PhRouter *self, PhMappingProtocol protocol, const PhMappingRequest *request,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ph_router_map_async);
  switch (protocol) {
  case PH_MAPPING_PCP:
    ph_pcp_map_async (request, cancellable, on_pcp_answered, task);
    break;
  case PH_MAPPING_NATPMP:
    ph_natpmp_map_async (request, cancellable, on_natpmp_answered, task);
    break;
  case PH_MAPPING_UPNP:
    map_by_igd (self, task, request);
    break;
  }
}

PhMappingAnswer *
ph_router_map_finish (PhRouter *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_igd_address (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PhRouter *self = g_task_get_source_object (task);
  GError *error = NULL;
  PhMappingAnswer *answer = ph_igd_ask_address_finish (result, &error);

  if (answer == NULL) {
    g_task_return_error (task, error);
    return;
  }
  take_address (self, PH_MAPPING_UPNP, answer);
  maybe_subscribe (self);
  g_task_return_pointer (task, answer, (GDestroyNotify)ph_mapping_answer_free);
}

static void
on_natpmp_address (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PhRouter *self = g_task_get_source_object (task);
  GError *error = NULL;
  PhMappingAnswer *answer = ph_natpmp_ask_address_finish (result, &error);
  GCancellable *cancellable = g_task_get_cancellable (task);
  PhIgd *igd = NULL;

  if (answer == NULL) {
    g_task_return_error (task, error);
    return;
  }
  if (answer->has_epoch && answer->outcome == PH_MAPPING_DONE)
    look_at_epoch (self, PH_MAPPING_NATPMP, answer->epoch_s);
  if (answer->outcome == PH_MAPPING_ABSENT)
    igd = ensure_igd (self, NULL);
  if (igd != NULL) {
    ph_mapping_answer_free (answer);
    ph_igd_ask_address_async (igd, cancellable, on_igd_address, g_steal_pointer (&task));
    return;
  }
  /* A router that shares an address with others (CGNAT) has none for NAT-PMP, but told PCP. */
  if (answer->external_address != NULL || self->address == NULL ||
      self->address_protocol != PH_MAPPING_PCP)
    take_address (self, PH_MAPPING_NATPMP, answer);
  g_task_return_pointer (task, answer, (GDestroyNotify)ph_mapping_answer_free);
}

void
ph_router_ask_address_async (
    PhRouter *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, ph_router_ask_address_async);
  if (ph_router_get_gateway (self, G_SOCKET_FAMILY_IPV4, &error) == NULL)
    g_task_return_pointer (task, ph_mapping_answer_new (PH_MAPPING_ABSENT, "%s", error->message),
        (GDestroyNotify)ph_mapping_answer_free);
  else
    ph_natpmp_ask_address_async (
        self->ipv4, cancellable, on_natpmp_address, g_steal_pointer (&task));
}

PhMappingAnswer *
ph_router_ask_address_finish (PhRouter *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
ph_router_has_events (PhRouter *self)
{
  PhIgdEvents *events = self->igd != NULL ? ph_igd_get_events (self->igd) : NULL;

  return events != NULL && ph_igd_events_is_alive (events);
}

void
ph_router_unsubscribe (PhRouter *self)
{
  if (self->igd != NULL)
    ph_igd_drop_events (self->igd);
}

GInetAddress *
ph_router_get_address (PhRouter *self)
{
  return self->address;
}

PhMappingProtocol
ph_router_get_address_protocol (PhRouter *self)
{
  return self->address_protocol;
}

const char *
ph_router_get_address_words (PhRouter *self)
{
  return self->address_words;
}

static void
ph_router_init (PhRouter *self)
{
}

static void
ph_router_dispose (GObject *object)
{
  ph_router_stop (PH_ROUTER (object));
  G_OBJECT_CLASS (ph_router_parent_class)->dispose (object);
}

static void
ph_router_finalize (GObject *object)
{
  PhRouter *self = PH_ROUTER (object);

  g_clear_pointer (&self->ipv4, ph_gateway_free);
  g_clear_pointer (&self->ipv6, ph_gateway_free);
  g_clear_object (&self->address);
  g_free (self->address_words);
  g_free (self->why_not[0]);
  g_free (self->why_not[1]);
  G_OBJECT_CLASS (ph_router_parent_class)->finalize (object);
}

static void
ph_router_class_init (PhRouterClass *class)
{
  G_OBJECT_CLASS (class)->dispose = ph_router_dispose;
  G_OBJECT_CLASS (class)->finalize = ph_router_finalize;
  restarted_signal = g_signal_new (
      "restarted", PH_TYPE_ROUTER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  address_changed_signal = g_signal_new (
      "address-changed", PH_TYPE_ROUTER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  notified_signal = g_signal_new (
      "notified", PH_TYPE_ROUTER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}
