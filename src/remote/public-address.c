/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/public-address.h"

#include "remote/address.h"

/* A provider takes the old address away before it gives the new one, and a router may tell both
 * by one event, sent in between. */
#define SETTLING_S 20
#define SETTLING_POLL_S 3

struct _PhPublicAddress {
  GObject parent_instance;
  PhRouter *router;
  char **sources; /* as in the settings */
  char *ca_file; /* nullable */
  PhEcho *echo;
  gboolean asks_router, asks_interface;
  gboolean is_started;
  GCancellable *cancellable;
  gulong restarted, address_changed, notified;
  guint timer;
  gint64 web_at_us;
  gint64 settled_at_us; /* until then the router is asked often */
  gboolean is_router_busy, is_again_wanted;

  GInetAddress *interface; /* nullable: IPv4 on the way out */
  GInetAddress *ipv4; /* nullable: the verdict */
  GInetAddress *ipv6; /* nullable */
  PhAddressFinding finding;
  gint64 since_s;
};

G_DEFINE_FINAL_TYPE (PhPublicAddress, ph_public_address, G_TYPE_OBJECT)

static guint changed_signal;

static gboolean
is_equal (GInetAddress *a, GInetAddress *b)
{
  return a == NULL || b == NULL ? a == b : g_inet_address_equal (a, b);
}

void
ph_public_address_get_facts (PhPublicAddress *self, PhAddressFacts *facts)
{
  facts->interface = self->interface;
  facts->router = self->asks_router ? ph_router_get_address (self->router) : NULL;
  facts->web = ph_echo_get_address (self->echo);
}

static void
log_verdict (PhPublicAddress *self)
{
  g_autofree char *text =
      self->ipv4 != NULL ? g_inet_address_to_string (self->ipv4) : g_strdup ("not known");

  g_message ("public IPv4 address: %s; %s", text, ph_address_finding_get_words (self->finding));
}

static gboolean
take_ipv4 (PhPublicAddress *self, const PhAddressVerdict *verdict)
{
  gboolean is_other = !is_equal (self->ipv4, verdict->address);

  if (!is_other && self->finding == verdict->finding)
    return FALSE;
  self->finding = verdict->finding;
  g_set_object (&self->ipv4, verdict->address);
  self->since_s = g_get_real_time () / G_USEC_PER_SEC;
  log_verdict (self);
  return TRUE;
}

static gboolean
take_ipv6 (PhPublicAddress *self)
{
  g_autoptr (GInetAddress) address =
      self->asks_interface ? ph_gateway_find_stable_ipv6 (self->ipv6) : NULL;
  g_autofree char *text = NULL;

  if (is_equal (self->ipv6, address))
    return FALSE;
  g_set_object (&self->ipv6, address);
  text = address != NULL ? g_inet_address_to_string (address) : g_strdup ("none");
  g_message ("public IPv6 address: %s", text);
  return TRUE;
}

/* While somebody is being asked who may say otherwise, what is known stays: a name must not go to
 * and fro. But what a router says of itself that fits is taken at once. */
static void
conclude (PhPublicAddress *self)
{
  PhAddressFacts facts;
  PhAddressVerdict verdict;
  gboolean is_changed = take_ipv6 (self);

  ph_public_address_get_facts (self, &facts);
  verdict = ph_address_verdict (&facts);
  if ((!self->is_router_busy && !ph_echo_is_busy (self->echo)) ||
      verdict.finding == PH_ADDRESS_FOUND_ROUTER || verdict.finding == PH_ADDRESS_FOUND_DIRECT)
    is_changed |= take_ipv4 (self, &verdict);
  if (is_changed)
    g_signal_emit (self, changed_signal, 0);
}

static void
on_echo_done (gpointer user_data)
{
  conclude (user_data);
}

static void ask (PhPublicAddress *self, gboolean is_web_wanted);

static gboolean
on_poll_due (gpointer user_data)
{
  PhPublicAddress *self = user_data;
  gint64 now_us = g_get_monotonic_time ();
  gint64 web_age = (now_us - self->web_at_us) / G_USEC_PER_SEC;

  self->timer = 0;
  ask (
      self, now_us >= self->settled_at_us && ph_address_finding_wants_web (self->finding, web_age));
  return G_SOURCE_REMOVE;
}

/* A router whose events are seen to arrive is asked no more often than one that announces changes:
 * that it sends them on is known from each renewal of the subscription. */
static guint
get_poll_time (PhPublicAddress *self)
{
  gboolean is_silent = ph_router_get_address (self->router) != NULL &&
                       ph_router_get_address_protocol (self->router) == PH_MAPPING_UPNP &&
                       !ph_router_has_events (self->router);

  if (g_get_monotonic_time () < self->settled_at_us)
    return SETTLING_POLL_S;
  return ph_address_finding_get_poll_time (self->finding, is_silent);
}

static void
schedule (PhPublicAddress *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add_seconds (get_poll_time (self), on_poll_due, self);
}

static void
on_router_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PhPublicAddress) self = user_data;
  g_autoptr (PhMappingAnswer) answer =
      ph_router_ask_address_finish (PH_ROUTER (source), result, NULL);

  if (answer == NULL) /* stopped meanwhile */
    return;
  self->is_router_busy = FALSE;
  g_debug ("the router's address: %s", answer->said);
  if (self->is_again_wanted) {
    ask (self, FALSE);
    return;
  }
  conclude (self);
  schedule (self);
}

static void
ask (PhPublicAddress *self, gboolean is_web_wanted)
{
  g_autoptr (GInetAddress) interface = self->asks_interface ? ph_gateway_find_ipv4_source () : NULL;

  g_set_object (&self->interface, interface);
  if (is_web_wanted) {
    self->web_at_us = g_get_monotonic_time ();
    ph_echo_ask (self->echo);
  }
  self->is_again_wanted = self->is_router_busy;
  if (self->asks_router && !self->is_router_busy) {
    self->is_router_busy = TRUE;
    ph_router_ask_address_async (
        self->router, self->cancellable, on_router_answered, g_object_ref (self));
  } else if (!self->asks_router)
    schedule (self);
  conclude (self);
}

static void
on_restarted (PhRouter *router, PhPublicAddress *self)
{
  ask (self, TRUE);
}

static void
on_notified (PhRouter *router, PhPublicAddress *self)
{
  self->settled_at_us = g_get_monotonic_time () + SETTLING_S * G_USEC_PER_SEC;
  ask (self, FALSE);
}

/* What web services saw was of before; one that is being asked may have been, too. */
static void
on_address_changed (PhRouter *router, PhPublicAddress *self)
{
  self->web_at_us = g_get_monotonic_time ();
  ph_echo_ask (self->echo);
  conclude (self);
  if (!self->is_router_busy)
    schedule (self);
}

PhPublicAddress *
ph_public_address_new (PhRouter *router)
{
  PhPublicAddress *self = g_object_new (PH_TYPE_PUBLIC_ADDRESS, NULL);
  const char *const none[] = { NULL };

  self->router = g_object_ref (router);
  self->sources = g_new0 (char *, 1);
  self->echo = ph_echo_new (none, NULL, on_echo_done, self);
  return self;
}

static void
open_echo (PhPublicAddress *self)
{
  g_autoptr (GStrvBuilder) urls = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;

  for (char **source = self->sources; *source != NULL; source++)
    if (strstr (*source, "://") != NULL)
      g_strv_builder_add (urls, *source);
  list = g_strv_builder_end (urls);
  ph_echo_free (self->echo);
  self->echo = ph_echo_new ((const char *const *)list, self->ca_file, on_echo_done, self);
}

void
ph_public_address_set_config (
    PhPublicAddress *self, const PhPublicAddressConfig *config, const char *ca_file)
{
  if (g_strv_equal ((const char *const *)config->sources, (const char *const *)self->sources) &&
      g_strcmp0 (ca_file, self->ca_file) == 0)
    return;
  g_strfreev (self->sources);
  self->sources = g_strdupv (config->sources);
  g_free (self->ca_file);
  self->ca_file = g_strdup (ca_file);
  self->asks_router = g_strv_contains ((const char *const *)self->sources, "router");
  self->asks_interface = g_strv_contains ((const char *const *)self->sources, "interface");
  if (!self->asks_router)
    ph_router_unsubscribe (self->router);
  open_echo (self);
  ph_public_address_refresh (self);
}

void
ph_public_address_start (PhPublicAddress *self)
{
  if (self->is_started)
    return;
  self->is_started = TRUE;
  self->is_router_busy = FALSE;
  g_set_object (&self->cancellable, NULL);
  self->cancellable = g_cancellable_new ();
  self->restarted = g_signal_connect (self->router, "restarted", G_CALLBACK (on_restarted), self);
  self->address_changed =
      g_signal_connect (self->router, "address-changed", G_CALLBACK (on_address_changed), self);
  self->notified = g_signal_connect (self->router, "notified", G_CALLBACK (on_notified), self);
  ask (self, TRUE);
}

void
ph_public_address_stop (PhPublicAddress *self)
{
  self->is_started = FALSE;
  g_clear_signal_handler (&self->restarted, self->router);
  g_clear_signal_handler (&self->address_changed, self->router);
  g_clear_signal_handler (&self->notified, self->router);
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  ph_echo_forget (self->echo);
}

gboolean
ph_public_address_is_started (PhPublicAddress *self)
{
  return self->is_started;
}

void
ph_public_address_refresh (PhPublicAddress *self)
{
  if (self->is_started)
    ask (self, TRUE);
}

GInetAddress *
ph_public_address_get (PhPublicAddress *self, GSocketFamily family)
{
  return family == G_SOCKET_FAMILY_IPV4 ? self->ipv4 : self->ipv6;
}

PhAddressFinding
ph_public_address_get_finding (PhPublicAddress *self)
{
  return self->finding;
}

GPtrArray *
ph_public_address_get_echoes (PhPublicAddress *self)
{
  return ph_echo_get_answers (self->echo);
}

gint64
ph_public_address_get_since (PhPublicAddress *self)
{
  return self->since_s;
}

static void
ph_public_address_init (PhPublicAddress *self)
{
}

static void
ph_public_address_dispose (GObject *object)
{
  ph_public_address_stop (PH_PUBLIC_ADDRESS (object));
  G_OBJECT_CLASS (ph_public_address_parent_class)->dispose (object);
}

static void
ph_public_address_finalize (GObject *object)
{
  PhPublicAddress *self = PH_PUBLIC_ADDRESS (object);

  ph_echo_free (self->echo);
  g_strfreev (self->sources);
  g_free (self->ca_file);
  g_clear_object (&self->cancellable);
  g_object_unref (self->router);
  g_clear_object (&self->interface);
  g_clear_object (&self->ipv4);
  g_clear_object (&self->ipv6);
  G_OBJECT_CLASS (ph_public_address_parent_class)->finalize (object);
}

static void
ph_public_address_class_init (PhPublicAddressClass *class)
{
  G_OBJECT_CLASS (class)->dispose = ph_public_address_dispose;
  G_OBJECT_CLASS (class)->finalize = ph_public_address_finalize;
  changed_signal = g_signal_new (
      "changed", PH_TYPE_PUBLIC_ADDRESS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}
