/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/igd.h"

#include "base/error.h"
#include "remote/fetch.h"
#include "remote/igd-device.h"
#include "remote/igd-session.h"

#define SEARCH_MS 3000
#define CALL_MS 3000

static const char *const targets[] = {
  "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
  "urn:schemas-upnp-org:device:InternetGatewayDevice:2",
};

struct _PhIgd {
  PhGateway *gateway;
  PhIgdChanged changed; /* NULL: closed */
  gpointer user_data;
  GUPnPContext *context;
  GSSDPResourceBrowser *browsers[G_N_ELEMENTS (targets)];
  GCancellable *cancellable; /* of all downloads */

  char *location; /* nullable: not found */
  gboolean is_gone; /* it said goodbye, and was not found since */
  gboolean is_fetching;
  GBytes *description; /* nullable; of location, with a service that maps ports */
  GPtrArray *candidates; /* element-type GUPnPServiceProxy; nullable */
  guint candidate; /* the one that is asked whether it is connected */
  GUPnPServiceProxy *service; /* nullable: not known */
  PhIgdEvents *events; /* nullable; service's */
  PhIgdEventsHeard heard; /* of them */
  gpointer heard_data;
  PhGateway *ipv6; /* nullable: the same router, as it was last asked by IPv6 … */
  GUPnPContext *ipv6_context; /* … from this side */
  char *why_not; /* nullable: what was wrong with an answer */
  guint search; /* source id; 0: not searching */
  GPtrArray *waiting; /* element-type GTask */
};

static void
clear_igd (gpointer user_data)
{
  PhIgd *self = user_data;

  ph_igd_close (self);
  g_clear_object (&self->service);
  g_clear_pointer (&self->candidates, g_ptr_array_unref);
  g_clear_pointer (&self->description, g_bytes_unref);
  g_clear_object (&self->ipv6_context);
  g_clear_pointer (&self->ipv6, ph_gateway_free);
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    g_clear_object (&self->browsers[i]);
  g_clear_object (&self->context);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->gateway, ph_gateway_free);
  g_ptr_array_unref (self->waiting);
  g_free (self->location);
  g_free (self->why_not);
}

PhIgd *
ph_igd_ref (PhIgd *self)
{
  return g_rc_box_acquire (self);
}

void
ph_igd_unref (PhIgd *self)
{
  g_rc_box_release_full (self, clear_igd);
}

GInetAddress *
ph_igd_get_own_address (PhIgd *self)
{
  return self->gateway->self;
}

static void
forget_service (PhIgd *self)
{
  ph_igd_drop_events (self);
  g_clear_object (&self->service);
  g_clear_pointer (&self->candidates, g_ptr_array_unref);
  g_clear_pointer (&self->description, g_bytes_unref);
}

void
ph_igd_forget (PhIgd *self)
{
  forget_service (self);
  g_clear_pointer (&self->location, g_free);
}

/* Answers everybody who waits. */
static void
conclude_search (PhIgd *self)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);

  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_clear_handle_id (&self->search, g_source_remove);
  for (guint i = 0; i < waiting->len; i++) {
    GTask *task = g_ptr_array_index (waiting, i);

    if (self->service != NULL)
      g_task_return_pointer (task, g_object_ref (self->service), g_object_unref);
    else
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s",
          self->why_not != NULL ? self->why_not : "no router answers to UPnP");
  }
}

static gboolean
on_search_over (gpointer user_data)
{
  PhIgd *self = user_data;

  self->search = 0;
  if (self->is_fetching && self->why_not == NULL)
    self->why_not = g_strdup ("the router gives no whole description in time");
  if (!self->is_fetching) /* one that is only slow may serve the next who asks */
    g_clear_pointer (&self->location, g_free);
  conclude_search (self);
  return G_SOURCE_REMOVE;
}

static void
take_service (PhIgd *self, guint index)
{
  gboolean is_back = self->is_gone;

  self->is_gone = FALSE;
  g_set_object (&self->service, g_ptr_array_index (self->candidates, index));
  g_clear_pointer (&self->why_not, g_free);
  g_debug ("UPnP: %s", gupnp_service_info_get_service_type (GUPNP_SERVICE_INFO (self->service)));
  conclude_search (self);
  if (is_back && self->changed != NULL)
    self->changed (self->user_data);
}

static void ask_next_candidate (PhIgd *self);

static void
on_status (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PhIgd) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *status = NULL;
  GUPnPServiceProxyAction *action =
      gupnp_service_proxy_call_action_finish (GUPNP_SERVICE_PROXY (source), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable) || self->candidates == NULL)
    return;
  if (action != NULL)
    gupnp_service_proxy_action_get_result (
        action, NULL, "NewConnectionStatus", G_TYPE_STRING, &status, NULL);
  if (g_strcmp0 (status, "Connected") == 0) {
    take_service (self, self->candidate);
    return;
  }
  self->candidate++;
  ask_next_candidate (self);
}

/* Of several connections the one that is up; when none says so, the first. */
static void
ask_next_candidate (PhIgd *self)
{
  g_autoptr (GUPnPServiceProxyAction) action = NULL;

  if (self->candidates->len == 1 || self->candidate >= self->candidates->len) {
    take_service (self, 0);
    return;
  }
  action = gupnp_service_proxy_action_new ("GetStatusInfo", NULL);
  gupnp_service_proxy_call_action_async (g_ptr_array_index (self->candidates, self->candidate),
      action, self->cancellable, on_status, ph_igd_ref (self));
}

static void
on_described (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PhIgd) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) description = ph_fetch_finish (result, &error);

  self->is_fetching = FALSE;
  /* Forgotten: the router said goodbye meanwhile. */
  if (g_cancellable_is_cancelled (self->cancellable) || self->location == NULL)
    return;
  forget_service (self);
  if (description != NULL)
    self->candidates = ph_igd_device_list_services (
        self->context, description, self->location, self->gateway->router, &error);
  if (self->candidates == NULL) {
    g_free (self->why_not);
    self->why_not = g_strdup_printf ("the router's description cannot be used: %s", error->message);
    g_clear_pointer (&self->location, g_free);
    return;
  }
  self->description = g_steal_pointer (&description);
  self->candidate = 0;
  ask_next_candidate (self);
}

static void
describe (PhIgd *self)
{
  static const PhFetchLimits limits = { .max_bytes = PH_IGD_MAX_BYTES, .deadline_ms = CALL_MS };
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_GET, self->location);

  if (message == NULL || self->is_fetching)
    return;
  self->is_fetching = TRUE;
  ph_fetch_async (gupnp_context_get_session (self->context), message, &limits, self->cancellable,
      on_described, ph_igd_ref (self));
}

static void
note_stranger (PhIgd *self, const char *location)
{
  g_autofree char *text = ph_igd_clean_text (location);

  g_debug ("UPnP: %s is not the router's, so it is passed over", text);
  if (self->why_not == NULL)
    self->why_not = g_strdup ("somebody answers to UPnP with an address that is not the router's");
}

static void
on_available (GSSDPResourceBrowser *browser, const char *usn, GList *locations, gpointer user_data)
{
  PhIgd *self = user_data;
  gboolean is_back = self->location == NULL && self->search == 0;

  if (locations == NULL || self->location != NULL || self->changed == NULL)
    return;
  if (!ph_igd_is_routers_url (locations->data, self->gateway->router)) {
    note_stranger (self, locations->data);
    return;
  }
  self->location = g_strdup (locations->data);
  if (is_back) {
    self->is_gone = FALSE;
    self->changed (self->user_data);
  } else
    describe (self);
}

static void
on_unavailable (GSSDPResourceBrowser *browser, const char *usn, gpointer user_data)
{
  PhIgd *self = user_data;
  gboolean has_events = self->events != NULL;

  /* Whoever asks next may find it before it calls out that it is back. */
  self->is_gone = self->service != NULL || self->is_gone;
  ph_igd_forget (self);
  if (has_events)
    self->heard (self->heard_data);
}

PhIgd *
ph_igd_new (const PhGateway *gateway, PhIgdChanged changed, gpointer user_data, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GUPnPContext) context =
      gupnp_context_new_for_address (gateway->self, 0, GSSDP_UDA_VERSION_1_0, &cause);
  PhIgd *self = NULL;

  if (context == NULL) {
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE, "UPnP cannot be used on %s: %s",
        gateway->interface, cause->message);
    return NULL;
  }
  self = g_rc_box_new0 (PhIgd);
  self->gateway = ph_gateway_copy (gateway);
  self->changed = changed;
  self->user_data = user_data;
  self->context = g_steal_pointer (&context);
  self->cancellable = g_cancellable_new ();
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  ph_igd_session_limit (gupnp_context_get_session (self->context), PH_IGD_MAX_BYTES);
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++) {
    self->browsers[i] = gssdp_resource_browser_new (GSSDP_CLIENT (self->context), targets[i]);
    gssdp_resource_browser_set_mx (self->browsers[i], 1);
    g_signal_connect (self->browsers[i], "resource-available", G_CALLBACK (on_available), self);
    g_signal_connect (self->browsers[i], "resource-unavailable", G_CALLBACK (on_unavailable), self);
  }
  return self;
}

void
ph_igd_close (PhIgd *self)
{
  ph_igd_drop_events (self);
  self->changed = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++) {
    if (self->browsers[i] == NULL)
      continue;
    g_signal_handlers_disconnect_by_data (self->browsers[i], self);
    gssdp_resource_browser_set_active (self->browsers[i], FALSE);
  }
  g_cancellable_cancel (self->cancellable);
  conclude_search (self);
}

static void
search (PhIgd *self)
{
  self->search = g_timeout_add (SEARCH_MS, on_search_over, self);
  g_clear_pointer (&self->why_not, g_free);
  if (self->location != NULL) {
    describe (self);
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++) {
    gssdp_resource_browser_set_active (self->browsers[i], FALSE);
    gssdp_resource_browser_set_active (self->browsers[i], TRUE);
  }
}

void
ph_igd_find_async (
    PhIgd *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, ph_igd_find_async);
  if (self->service != NULL) {
    g_task_return_pointer (task, g_object_ref (self->service), g_object_unref);
    return;
  }
  if (self->changed == NULL) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "it is closed");
    return;
  }
  g_ptr_array_add (self->waiting, g_steal_pointer (&task));
  if (self->search == 0)
    search (self);
}

GUPnPServiceProxy *
ph_igd_find_finish (PhIgd *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- events ---------------------------------------------------------------------------------- */

void
ph_igd_ensure_events (PhIgd *self, PhIgdEventsHeard heard, gpointer user_data)
{
  g_autofree char *url = self->service != NULL ? gupnp_service_info_get_event_subscription_url (
                                                     GUPNP_SERVICE_INFO (self->service))
                                               : NULL;
  g_autoptr (GError) error = NULL;

  if (self->events != NULL || self->service == NULL || self->changed == NULL)
    return;
  self->heard = heard;
  self->heard_data = user_data;
  self->events = ph_igd_events_new (
      self->gateway, gupnp_context_get_session (self->context), url, heard, user_data, &error);
  if (self->events == NULL)
    g_debug ("the router's UPnP events cannot be had: %s", error->message);
}

PhIgdEvents *
ph_igd_get_events (PhIgd *self)
{
  return self->events;
}

void
ph_igd_drop_events (PhIgd *self)
{
  g_clear_pointer (&self->events, ph_igd_events_free);
}

void
ph_igd_close_at_end (PhIgd *self)
{
  g_clear_pointer (&self->events, ph_igd_events_free_at_end);
  ph_igd_close (self);
}

/* ---- IPv6 ------------------------------------------------------------------------------------ */

static gboolean
ensure_ipv6_context (PhIgd *self, const PhGateway *gateway)
{
  g_autoptr (GError) error = NULL;

  if (self->ipv6_context != NULL && ph_gateway_equal (self->ipv6, gateway))
    return TRUE;
  g_clear_object (&self->ipv6_context);
  g_clear_pointer (&self->ipv6, ph_gateway_free);
  self->ipv6_context =
      gupnp_context_new_for_address (gateway->self, 0, GSSDP_UDA_VERSION_1_0, &error);
  if (self->ipv6_context == NULL) {
    g_debug ("UPnP cannot be used by IPv6: %s", error->message);
    return FALSE;
  }
  self->ipv6 = ph_gateway_copy (gateway);
  ph_igd_session_limit (gupnp_context_get_session (self->ipv6_context), PH_IGD_MAX_BYTES);
  ph_igd_session_bind (gupnp_context_get_session (self->ipv6_context), gateway->self);
  return TRUE;
}

/* The router was found, and is trusted, by its IPv4 address. */
GUPnPServiceProxy *
ph_igd_make_firewall (PhIgd *self, const PhGateway *gateway, GError **error)
{
  g_autoptr (GUri) uri = self->location != NULL && self->description != NULL
                             ? g_uri_parse (self->location, G_URI_FLAGS_NONE, NULL)
                             : NULL;
  g_autofree char *host = g_inet_address_to_string (gateway->router);
  g_autofree char *location = uri != NULL
                                  ? g_uri_join (G_URI_FLAGS_NONE, "http", NULL, host,
                                        g_uri_get_port (uri), g_uri_get_path (uri), NULL, NULL)
                                  : NULL;
  g_autoptr (GError) reason = NULL;
  GUPnPServiceProxy *service = NULL;

  if (location != NULL && ensure_ipv6_context (self, gateway))
    service = ph_igd_device_find_firewall (
        self->ipv6_context, self->description, location, gateway->router, &reason);
  if (service == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        reason != NULL ? reason->message : "UPnP cannot be used by IPv6");
  return service;
}
