/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "push/pushes.h"

#include "push/push.h"

struct _PhPushes {
  GPtrArray *pushes; /* element-type PhPush */
  guint n_stopping;
};

/* Taken out of pushes; NULL: there is none. */
static PhPush *
try_take (GPtrArray *pushes, const PhPushConfig *config, PhFeed *feed)
{
  for (guint i = 0; i < pushes->len; i++)
    if (ph_push_is_as (g_ptr_array_index (pushes, i), config, feed))
      return g_ptr_array_steal_index (pushes, i);
  return NULL;
}

static void
take_camera (PhPushes *self, PhCamera *camera, GPtrArray *before)
{
  const PhCameraConfig *config = ph_camera_get_config (camera);

  for (guint i = 0; i < config->pushes->len; i++) {
    const PhPushConfig *wanted = g_ptr_array_index (config->pushes, i);
    PhFeed *feed = ph_camera_find_feed (camera, wanted->stream, PH_CODEC_H264);
    PhPush *push = try_take (before, wanted, feed);

    if (push == NULL)
      push = ph_push_new (wanted, config->name, feed, &self->n_stopping);
    g_ptr_array_add (self->pushes, push);
  }
}

static GPtrArray *
make_list (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)ph_push_free);
}

void
ph_pushes_set_cameras (PhPushes *self, GPtrArray *cameras)
{
  g_autoptr (GPtrArray) before = g_steal_pointer (&self->pushes);

  self->pushes = make_list ();
  for (guint i = 0; i < cameras->len; i++)
    take_camera (self, g_ptr_array_index (cameras, i), before);
}

PhPushes *
ph_pushes_new (void)
{
  PhPushes *self = g_new0 (PhPushes, 1);

  self->pushes = make_list ();
  return self;
}

void
ph_pushes_free (PhPushes *self)
{
  g_ptr_array_unref (self->pushes);
  while (self->n_stopping > 0)
    g_main_context_iteration (NULL, TRUE);
  g_free (self);
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_push (JsonBuilder *builder, PhPush *push)
{
  json_builder_begin_object (builder);
  add_string (builder, "camera", ph_push_get_camera (push));
  add_string (builder, "stream", ph_push_get_stream (push));
  add_string (builder, "server", ph_push_get_server (push));
  add_string (builder, "state", ph_push_state_to_string (ph_push_get_state (push)));
  add_string (builder, "last_error", ph_push_get_last_error (push));
  json_builder_set_member_name (builder, "retry_in");
  json_builder_add_double_value (builder, ph_push_get_retry_in (push));
  json_builder_set_member_name (builder, "bytes");
  json_builder_add_int_value (builder, ph_push_get_n_bytes (push));
  json_builder_end_object (builder);
}

void
ph_pushes_report (JsonBuilder *builder, gpointer pushes)
{
  PhPushes *self = pushes;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "push");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->pushes->len; i++)
    add_push (builder, g_ptr_array_index (self->pushes, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/* A camera may push one stream to several servers, or twice to one: the number tells them apart. */
static char *
make_index (guint i)
{
  return g_strdup_printf ("%u", i);
}

void
ph_pushes_add_metrics (PhMetricsText *text, gpointer pushes)
{
  PhPushes *self = pushes;
  const char *states[PH_PUSH_LAST + 1] = { NULL };

  for (PhPushState state = 0; state < PH_PUSH_LAST; state++)
    states[state] = ph_push_state_to_string (state);
  ph_metrics_text_begin (
      text, "porthole_push_state", PH_METRIC_STATESET, NULL, "What the push is doing");
  for (guint i = 0; i < self->pushes->len; i++) {
    PhPush *push = g_ptr_array_index (self->pushes, i);
    g_autofree char *index = make_index (i);

    ph_metrics_text_add_state (text, states, ph_push_state_to_string (ph_push_get_state (push)),
        "camera", ph_push_get_camera (push), "stream", ph_push_get_stream (push), "push", index,
        NULL);
  }
  ph_metrics_text_begin (
      text, "porthole_pushed_bytes", PH_METRIC_COUNTER, "bytes", "What was given to be pushed");
  for (guint i = 0; i < self->pushes->len; i++) {
    PhPush *push = g_ptr_array_index (self->pushes, i);
    g_autofree char *index = make_index (i);

    ph_metrics_text_add (text, ph_push_get_n_bytes (push), "camera", ph_push_get_camera (push),
        "stream", ph_push_get_stream (push), "push", index, NULL);
  }
}
