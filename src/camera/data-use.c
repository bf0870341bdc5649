/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/data-use.h"

#include "base/error.h"
#include "base/state.h"
#include "camera/home-networks.h"

#include <string.h>

#define FILE_NAME "data-use.json"
#define LOOK_S 60
#define LOOKS_PER_SAVE 10
#define MOST_MONTHS 24
#define OUTSIDE "outside" /* beside the months in the file */

struct _PhDataUse {
  char *folder; /* nullable */
  GPtrArray *cameras; /* element-type PhCamera */
  GHashTable *seen; /* PhFeed, owned, to guint64 *: what it had been sent by the last look */
  JsonObject *months; /* "2026-11" to { camera: bytes } */
  JsonObject *outside; /* "2026-11" to bytes */
  PhViewers *viewers; /* nullable */
  guint64 seen_outside;
  double gigabytes; /* the allowance */
  guint64 sent; /* outside, in the month of the last look */
  PhAllowanceState state;
  PhDataUseFunc func; /* nullable */
  gpointer user_data;
  guint timer, n_looks;
  gboolean is_changed; /* since it was written */
};

static char *
make_month (gint64 now)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (now);

  return g_date_time_format (time, "%Y-%m");
}

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* ---- the file -------------------------------------------------------------------------------- */

static gboolean
is_month (JsonNode *node)
{
  g_autoptr (GList) values = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  values = json_object_get_values (json_node_get_object (node));
  for (GList *value = values; value != NULL; value = value->next)
    if (json_node_get_value_type (value->data) != G_TYPE_INT64 ||
        json_node_get_int (value->data) < 0)
      return FALSE;
  return TRUE;
}

static gboolean
has_months (JsonNode *root)
{
  g_autoptr (GList) months = NULL;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return FALSE;
  months = json_object_get_values (json_node_get_object (root));
  for (GList *month = months; month != NULL; month = month->next)
    if (!is_month (month->data))
      return FALSE;
  return TRUE;
}

/* NULL: there is nothing to go on from. */
static JsonObject *
try_load (const char *folder)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = ph_state_read (folder, FILE_NAME, &error);
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, NULL) : NULL;

  if (g_error_matches (error, PH_ERROR, PH_ERROR_NOT_FOUND))
    return NULL;
  if (text != NULL && json_parser_load_from_data (parser, text, g_bytes_get_size (bytes), &error) &&
      has_months (json_parser_get_root (parser)))
    return json_object_ref (json_node_get_object (json_parser_get_root (parser)));
  g_warning ("%s/%s cannot be used, so data use is counted anew: %s", folder, FILE_NAME,
      error != NULL ? error->message : "it is not what was written");
  return NULL;
}

static void
maybe_save (PhDataUse *self)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (!self->is_changed || self->folder == NULL)
    return;
  json_object_set_object_member (self->months, OUTSIDE, json_object_ref (self->outside));
  json_node_set_object (root, self->months);
  text = json_to_string (root, TRUE);
  json_object_remove_member (self->months, OUTSIDE);
  if (!ph_state_write (self->folder, FILE_NAME, text, strlen (text), &error))
    g_warning ("data use is not kept: %s", error->message);
  self->is_changed = FALSE;
}

/* ---- counting -------------------------------------------------------------------------------- */

static void
forget_old_months (JsonObject *months)
{
  while (json_object_get_size (months) > MOST_MONTHS) {
    g_autoptr (GList) names = json_object_get_members (months);
    const char *oldest = names->data;

    for (GList *name = names; name != NULL; name = name->next)
      if (strcmp (name->data, oldest) < 0)
        oldest = name->data;
    json_object_remove_member (months, oldest);
  }
}

static JsonObject *
ensure_month (PhDataUse *self, gint64 now)
{
  g_autofree char *month = make_month (now);

  if (!json_object_has_member (self->months, month)) {
    json_object_set_object_member (self->months, month, json_object_new ());
    forget_old_months (self->months);
  }
  return json_object_get_object_member (self->months, month);
}

static gint64
get_bytes (JsonObject *month, const char *camera)
{
  return json_object_has_member (month, camera) ? json_object_get_int_member (month, camera) : 0;
}

static guint64
count_sent (PhFeed *feed)
{
  const PhTraffic *traffic = ph_feed_get_traffic_any (feed);
  guint64 n_bytes = 0;

  for (PhViewerKind kind = 0; kind < PH_VIEWER_LAST; kind++)
    n_bytes += __atomic_load_n (&traffic->n_bytes[kind], __ATOMIC_RELAXED);
  return n_bytes;
}

/* Bytes since the last look. seen gets what is known of the feed by now. */
static guint64
take_feed (PhDataUse *self, PhFeed *feed, GHashTable *seen)
{
  const guint64 *before = g_hash_table_lookup (self->seen, feed);
  guint64 n_bytes = count_sent (feed);

  g_hash_table_insert (seen, ph_feed_ref_any (feed), g_memdup2 (&n_bytes, sizeof n_bytes));
  return n_bytes - (before != NULL ? *before : 0);
}

static GHashTable *
make_seen (void)
{
  return g_hash_table_new_full (NULL, NULL, (GDestroyNotify)ph_feed_unref_any, g_free);
}

guint64
ph_data_use_get_outside (PhDataUse *self, gint64 now)
{
  g_autofree char *month = make_month (now);

  return get_bytes (self->outside, month);
}

static void
take_outside (PhDataUse *self, gint64 now)
{
  g_autofree char *month = make_month (now);
  guint64 n_bytes = ph_viewers_count_outside (self->viewers);

  if (n_bytes == self->seen_outside)
    return;
  json_object_set_int_member (
      self->outside, month, get_bytes (self->outside, month) + n_bytes - self->seen_outside);
  forget_old_months (self->outside);
  self->seen_outside = n_bytes;
  self->is_changed = TRUE;
}

static void
say_state (PhDataUse *self)
{
  double sent = self->sent / PH_ALLOWANCE_GB;

  if (self->state >= PH_ALLOWANCE_SAVING)
    g_warning ("viewers outside were sent %.3g GB this month, %.0f %% of remote.allowance (%g GB); "
               "new ones get the smallest H.264 stream alone",
        sent, 100 * sent / self->gigabytes, self->gigabytes);
  else
    g_message (
        "viewers outside may have every stream again: they were sent %.3g GB this month", sent);
}

static void
judge (PhDataUse *self, gint64 now)
{
  PhAllowanceState before = self->state;

  self->sent = ph_data_use_get_outside (self, now);
  self->state = ph_allowance_judge_any (self->gigabytes, self->sent);
  if (self->viewers != NULL)
    ph_viewers_set_saving_any (self->viewers, self->state >= PH_ALLOWANCE_SAVING);
  if (self->state == before || MAX (self->state, before) < PH_ALLOWANCE_SAVING)
    return;
  say_state (self);
  if (self->func != NULL)
    self->func (self, self->user_data);
}

PhAllowanceState
ph_data_use_get_state (PhDataUse *self)
{
  return self->state;
}

void
ph_data_use_look (PhDataUse *self, gint64 now)
{
  g_autoptr (GHashTable) seen = make_seen ();

  for (guint i = 0; i < self->cameras->len; i++) {
    PhCamera *camera = g_ptr_array_index (self->cameras, i);
    const char *name = ph_camera_get_config (camera)->name;
    guint64 n_bytes = 0;
    JsonObject *month;

    for (guint j = 0; j < ph_camera_get_n_feeds (camera); j++)
      n_bytes += take_feed (self, ph_camera_get_feed (camera, j), seen);
    if (n_bytes == 0)
      continue;
    month = ensure_month (self, now);
    json_object_set_int_member (month, name, get_bytes (month, name) + n_bytes);
    self->is_changed = TRUE;
  }
  g_hash_table_unref (self->seen);
  self->seen = g_steal_pointer (&seen);
  if (self->viewers != NULL)
    take_outside (self, now);
  judge (self, now);
}

void
ph_data_use_set_listener (PhDataUse *self, PhDataUseFunc func, gpointer user_data)
{
  self->func = func;
  self->user_data = user_data;
}

/* Providers give other IPv6 networks every now and then. */
static void
look_where_home_is (PhDataUse *self)
{
  g_autoptr (GPtrArray) home = ph_home_networks_list_any ();

  if (self->viewers != NULL)
    ph_viewers_set_home_any (self->viewers, home);
}

void
ph_data_use_set_viewers (PhDataUse *self, PhViewers *viewers)
{
  self->viewers = viewers;
  look_where_home_is (self);
}

void
ph_data_use_set_allowance (PhDataUse *self, double gigabytes)
{
  self->gigabytes = gigabytes;
  ph_data_use_look (self, get_now ());
}

guint64
ph_data_use_get (PhDataUse *self, const char *camera, gint64 now)
{
  g_autofree char *month = make_month (now);

  if (!json_object_has_member (self->months, month))
    return 0;
  return get_bytes (json_object_get_object_member (self->months, month), camera);
}

static gboolean
on_timer (gpointer user_data)
{
  PhDataUse *self = user_data;

  look_where_home_is (self);
  ph_data_use_look (self, get_now ());
  if (++self->n_looks % LOOKS_PER_SAVE == 0)
    maybe_save (self);
  return G_SOURCE_CONTINUE;
}

static JsonObject *
take_outside_months (JsonObject *months)
{
  JsonObject *outside = json_object_has_member (months, OUTSIDE)
                            ? json_object_ref (json_object_get_object_member (months, OUTSIDE))
                            : json_object_new ();

  json_object_remove_member (months, OUTSIDE);
  return outside;
}

PhDataUse *
ph_data_use_new (const char *folder, GPtrArray *cameras)
{
  PhDataUse *self = g_new0 (PhDataUse, 1);

  self->folder = g_strdup (folder);
  self->cameras = g_ptr_array_ref (cameras);
  self->seen = make_seen ();
  self->months = folder != NULL ? try_load (folder) : NULL;
  if (self->months == NULL)
    self->months = json_object_new ();
  self->outside = take_outside_months (self->months);
  self->timer = g_timeout_add_seconds (LOOK_S, on_timer, self);
  return self;
}

void
ph_data_use_free (PhDataUse *self)
{
  ph_data_use_look (self, get_now ());
  maybe_save (self);
  g_source_remove (self->timer);
  g_hash_table_unref (self->seen);
  g_ptr_array_unref (self->cameras);
  json_object_unref (self->months);
  json_object_unref (self->outside);
  g_free (self->folder);
  g_free (self);
}

/* ---- telling --------------------------------------------------------------------------------- */

void
ph_data_use_add_allowance (PhDataUse *self, JsonBuilder *builder)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "bytes");
  json_builder_add_int_value (builder, (gint64)(self->gigabytes * PH_ALLOWANCE_GB));
  json_builder_set_member_name (builder, "state");
  json_builder_add_string_value (builder, ph_allowance_state_to_string_any (self->state));
  json_builder_set_member_name (builder, "sent");
  json_builder_add_int_value (builder, (gint64)self->sent);
  json_builder_end_object (builder);
}

void
ph_data_use_report (JsonBuilder *builder, gpointer data_use)
{
  PhDataUse *self = data_use;
  JsonNode *months = json_node_new (JSON_NODE_OBJECT);
  JsonNode *outside = json_node_new (JSON_NODE_OBJECT);

  ph_data_use_look (self, get_now ());
  json_node_set_object (months, self->months);
  json_node_set_object (outside, self->outside);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "months");
  json_builder_add_value (builder, months);
  json_builder_set_member_name (builder, "outside");
  json_builder_add_value (builder, outside);
  json_builder_set_member_name (builder, "allowance");
  ph_data_use_add_allowance (self, builder);
  json_builder_end_object (builder);
}

static void
add_allowance_metrics (PhDataUse *self, PhMetricsText *text)
{
  const char *states[PH_ALLOWANCE_EXCEEDED + 2] = { NULL };

  for (PhAllowanceState state = PH_ALLOWANCE_NONE; state <= PH_ALLOWANCE_EXCEEDED; state++)
    states[state] = ph_allowance_state_to_string_any (state);
  ph_metrics_text_begin (text, "porthole_allowance_bytes", PH_METRIC_GAUGE, "bytes",
      "What viewers outside may be sent in a month; 0: there is no limit");
  ph_metrics_text_add (text, self->gigabytes * PH_ALLOWANCE_GB, NULL);
  ph_metrics_text_begin (text, "porthole_allowance_state", PH_METRIC_STATESET, NULL,
      "How much of the allowance is spent");
  ph_metrics_text_add_state (text, states, ph_allowance_state_to_string_any (self->state), NULL);
}

void
ph_data_use_add_metrics (PhMetricsText *text, gpointer data_use)
{
  PhDataUse *self = data_use;
  gint64 now = get_now ();

  ph_data_use_look (self, now);
  ph_metrics_text_begin (text, "porthole_month_sent_bytes", PH_METRIC_GAUGE, "bytes",
      "What viewers were sent this month, also before the last restart");
  for (guint i = 0; i < self->cameras->len; i++) {
    const char *name = ph_camera_get_config (g_ptr_array_index (self->cameras, i))->name;

    ph_metrics_text_add (text, ph_data_use_get (self, name, now), "camera", name, NULL);
  }
  ph_metrics_text_begin (text, "porthole_month_outside_bytes", PH_METRIC_GAUGE, "bytes",
      "What viewers outside were sent this month, also before the last restart");
  ph_metrics_text_add (text, ph_data_use_get_outside (self, now), NULL);
  add_allowance_metrics (self, text);
}
