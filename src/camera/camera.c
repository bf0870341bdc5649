/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/camera.h"

#include "camera/pipeline.h"
#include "camera/placeholders.h"
#include "camera/planning.h"
#include "camera/retry.h"
#include "camera/scaled-jpegs.h"

#include <malloc.h>

struct _PhCamera {
  GObject parent_instance;

  PhCameraConfig *config;
  GPtrArray *feeds; /* element-type PhFeed */
  PhScaledJpegs *scaled;

  PhPlaceholders *placeholders;

  PhCameraState state;
  gboolean was_live; /* since it was idle */
  char *last_error; /* nullable */
  gint64 last_error_at_us; /* since 1970 */
  gboolean is_error_logged; /* and nothing has changed since */

  PhPlan *plan; /* nullable */
  char *device_id; /* of the last plan; nullable */
  PhPlanning *planning; /* nullable; it holds a reference on the camera */
  gboolean is_plan_outdated; /* the one being made is for nothing */
  PhPipeline *pipeline; /* nullable */
  PhPipeline *closing; /* nullable: the one before; it holds a reference on the camera */
  gboolean is_start_awaited; /* until that one is closed */
  GPtrArray *wanted; /* element-type PhFeed, unowned: those with taps */

  PhRetry *retry;
  guint linger_timer;
  guint64 n_restarts;
};

G_DEFINE_FINAL_TYPE (PhCamera, ph_camera, G_TYPE_OBJECT)

static guint changed_signal;

static void start (PhCamera *self);
static void start_if_wanted (PhCamera *self);

static const char *
name_of (PhCamera *self)
{
  return self->config->name;
}

static gboolean
is_wanted (PhCamera *self)
{
  return self->wanted->len > 0;
}

static void
set_state (PhCamera *self, PhCameraState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_signal_emit (self, changed_signal, 0);
}

/* Something opens the device, or is going to. */
static gboolean
is_running (PhCamera *self)
{
  return self->planning != NULL || self->pipeline != NULL || self->is_start_awaited ||
         ph_retry_is_scheduled (self->retry);
}

static void
close_pipeline (PhCamera *self)
{
  if (self->pipeline == NULL)
    return;
  self->closing = g_steal_pointer (&self->pipeline);
  g_object_ref (self);
  ph_pipeline_close (self->closing);
}

/* ---- failure and return ---------------------------------------------------------------------- */

static void
on_retry (gpointer user_data)
{
  start (user_data);
}

static void
become_idle (PhCamera *self)
{
  ph_retry_reset (self->retry);
  self->was_live = FALSE;
  self->is_start_awaited = FALSE;
  close_pipeline (self);
  ph_placeholders_hide (self->placeholders);
  if (self->closing == NULL)
    set_state (self, PH_CAMERA_IDLE);
}

/* Once for each loss: recorders ask for a camera that is not there every few seconds, for days. */
static void
note_error (PhCamera *self, const char *sentence)
{
  if (!self->is_error_logged || g_strcmp0 (self->last_error, sentence) != 0)
    g_warning ("%s: %s", name_of (self), sentence);
  self->is_error_logged = TRUE;
  g_free (self->last_error);
  self->last_error = g_strdup (sentence);
  self->last_error_at_us = g_get_real_time ();
}

static void
show_as_lost (PhCamera *self, const char *sentence)
{
  note_error (self, sentence);
  if (self->was_live)
    ph_placeholders_show (self->placeholders, sentence);
  self->state = PH_CAMERA_LOST;
  g_signal_emit (self, changed_signal, 0);
}

/* The plan goes too: the device may come back as another, or offer something else. */
static void
become_lost (PhCamera *self, const char *sentence)
{
  close_pipeline (self);
  g_clear_pointer (&self->plan, ph_plan_free);
  ph_retry_schedule (self->retry, self->config->source);
  show_as_lost (self, sentence);
}

static void
on_pipeline_live (gpointer owner)
{
  PhCamera *self = owner;

  g_message ("%s: live", name_of (self));
  self->was_live = TRUE;
  self->is_error_logged = FALSE;
  self->n_restarts += self->state == PH_CAMERA_LOST;
  ph_placeholders_let_go (self->placeholders);
  ph_retry_reset (self->retry);
  set_state (self, PH_CAMERA_LIVE);
}

static void
on_pipeline_failed (const char *error, gpointer owner)
{
  become_lost (owner, error);
}

/* It goes on when the driver does: nobody else can open the device before. */
static void
on_pipeline_hangs (const char *error, gpointer owner)
{
  show_as_lost (owner, error);
}

/* Each pipeline has threads of its own, and glibc an arena for each thread, which it is slow to
 * give back: a camera that goes again and again would take more memory each time. */
static void
on_pipeline_closed (gpointer owner)
{
  g_autoptr (PhCamera) self = owner;

  self->closing = NULL;
#ifdef __GLIBC__
  malloc_trim (0);
#endif
  if (self->is_start_awaited) {
    self->is_start_awaited = FALSE;
    start_if_wanted (self);
  } else if (!is_running (self)) {
    set_state (self, PH_CAMERA_IDLE);
  }
}

/* ---- start ----------------------------------------------------------------------------------- */

static void
log_plan (PhCamera *self)
{
  for (guint i = 0; i < self->plan->notes->len; i++)
    g_message ("%s: %s", name_of (self), (char *)g_ptr_array_index (self->plan->notes, i));
  for (guint i = 0; i < self->plan->warnings->len; i++)
    g_warning ("%s: %s", name_of (self), (char *)g_ptr_array_index (self->plan->warnings, i));
}

static void
open_pipeline (PhCamera *self)
{
  PhPipelineOwner owner = { on_pipeline_live, on_pipeline_failed, on_pipeline_hangs,
    on_pipeline_closed, self };
  g_autoptr (GError) error = NULL;

  self->pipeline = ph_pipeline_new (self->config, self->plan, self->feeds, &owner, &error);
  if (self->pipeline == NULL) {
    become_lost (self, error->message);
    return;
  }
  for (guint i = 0; i < self->feeds->len; i++)
    if (g_ptr_array_find (self->wanted, g_ptr_array_index (self->feeds, i), NULL))
      ph_pipeline_set_wanted (self->pipeline, i, TRUE);
  ph_pipeline_start (self->pipeline);
}

static void
start_if_wanted (PhCamera *self)
{
  if (is_wanted (self))
    start (self);
  else
    become_idle (self);
}

static void
take_plan (PhCamera *self, PhPlan *plan)
{
  g_clear_pointer (&self->plan, ph_plan_free);
  self->plan = plan;
  g_free (self->device_id);
  self->device_id = g_strdup (plan->source.device_id);
  ph_placeholders_learn (self->placeholders, plan);
  log_plan (self);
}

static void
on_plan_made (PhPlan *made, const GError *error, gpointer owner)
{
  g_autoptr (PhCamera) self = owner;
  g_autoptr (PhPlan) plan = made;

  self->planning = NULL;
  ph_retry_hold (self->retry);
  if (self->is_plan_outdated) {
    self->is_plan_outdated = FALSE;
    start_if_wanted (self);
    return;
  }
  if (plan != NULL)
    take_plan (self, g_steal_pointer (&plan));
  if (!is_wanted (self))
    become_idle (self);
  else if (self->plan != NULL)
    open_pipeline (self);
  else
    become_lost (self, error->message);
}

/* It goes on when the driver does. */
static void
on_planning_hangs (const char *error, gpointer owner)
{
  show_as_lost (owner, error);
}

static void
start (PhCamera *self)
{
  PhPlanningOwner owner = { on_plan_made, on_planning_hangs, self };

  ph_retry_hold (self->retry);
  if (self->state != PH_CAMERA_LOST)
    set_state (self, PH_CAMERA_STARTING);
  if (self->closing != NULL) {
    self->is_start_awaited = TRUE;
  } else if (self->plan != NULL) {
    open_pipeline (self);
  } else if (self->planning == NULL) {
    g_object_ref (self);
    self->planning = ph_planning_new (self->config, self->device_id, &owner);
  }
}

/* ---- demand ---------------------------------------------------------------------------------- */

static gboolean
on_linger_timer (gpointer user_data)
{
  PhCamera *self = user_data;

  self->linger_timer = 0;
  if (self->planning == NULL) {
    g_message ("%s: nobody looks any more, device closed", name_of (self));
    become_idle (self);
  }
  return G_SOURCE_REMOVE;
}

static void
on_demand_changed (PhFeed *feed, gboolean is_feed_wanted, gpointer owner)
{
  PhCamera *self = owner;
  guint index = 0;

  if (is_feed_wanted)
    g_ptr_array_add (self->wanted, feed);
  else
    g_ptr_array_remove (self->wanted, feed);
  g_ptr_array_find (self->feeds, feed, &index);
  if (self->pipeline != NULL)
    ph_pipeline_set_wanted (self->pipeline, index, is_feed_wanted);
  ph_placeholders_set_wanted (self->placeholders, index, is_feed_wanted);
  g_clear_handle_id (&self->linger_timer, g_source_remove);
  if (!is_wanted (self) && is_running (self))
    self->linger_timer = g_timeout_add (self->config->linger * 1000, on_linger_timer, self);
  else if (is_wanted (self) && !is_running (self))
    start (self);
}

/* ---- other settings -------------------------------------------------------------------------- */

void
ph_camera_restart (PhCamera *self)
{
  g_clear_handle_id (&self->linger_timer, g_source_remove);
  self->is_error_logged = FALSE;
  ph_retry_reset (self->retry);
  close_pipeline (self);
  g_clear_pointer (&self->plan, ph_plan_free);
  g_clear_pointer (&self->device_id, g_free); /* another camera will do as well */
  if (self->planning == NULL) {
    start_if_wanted (self);
    return;
  }
  self->is_plan_outdated = TRUE;
  ph_planning_cancel (self->planning);
  set_state (self, PH_CAMERA_STARTING);
}

static PhFeed *
take_feed (GPtrArray *feeds, const PhStreamConfig *stream)
{
  for (guint i = 0; i < feeds->len; i++) {
    PhFeed *feed = g_ptr_array_index (feeds, i);

    if (g_str_equal (ph_feed_get_name_any (feed), stream->name) &&
        ph_feed_get_codec_any (feed) == stream->codec)
      return g_ptr_array_steal_index (feeds, i);
  }
  return NULL;
}

static void
let_feed_go (PhCamera *self, PhFeed *feed)
{
  ph_feed_disown (feed);
  g_ptr_array_remove (self->wanted, feed);
  ph_scaled_jpegs_drop (self->scaled, feed);
}

static void
take_feeds (PhCamera *self)
{
  PhFeedOwner owner = { on_demand_changed, self };
  g_autoptr (GPtrArray) before = g_steal_pointer (&self->feeds);

  self->feeds = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_feed_unref_any);
  for (guint i = 0; i < self->config->streams->len; i++) {
    const PhStreamConfig *stream = g_ptr_array_index (self->config->streams, i);
    PhFeed *feed = take_feed (before, stream);

    g_ptr_array_add (self->feeds, feed != NULL ? feed : ph_feed_new (stream, &owner));
  }
  for (guint i = 0; i < before->len; i++)
    let_feed_go (self, g_ptr_array_index (before, i));
}

static gboolean
tune_plan (PhCamera *self)
{
  gboolean is_done = TRUE;

  for (guint i = 0; i < self->config->streams->len; i++) {
    const PhStreamConfig *stream = g_ptr_array_index (self->config->streams, i);

    ph_plan_tune (self->plan, i, stream);
    is_done = is_done && (self->pipeline == NULL || ph_pipeline_tune (self->pipeline, i, stream));
  }
  return is_done;
}

static void
renew_placeholders (PhCamera *self)
{
  g_clear_pointer (&self->placeholders, ph_placeholders_free);
  self->placeholders = ph_placeholders_new (self->config, self->feeds);
  if (self->plan != NULL)
    ph_placeholders_learn (self->placeholders, self->plan);
  for (guint i = 0; i < self->feeds->len; i++)
    if (g_ptr_array_find (self->wanted, g_ptr_array_index (self->feeds, i), NULL))
      ph_placeholders_set_wanted (self->placeholders, i, TRUE);
  if (self->state == PH_CAMERA_LOST && self->was_live)
    ph_placeholders_show (self->placeholders, self->last_error);
}

void
ph_camera_set_config (PhCamera *self, const PhCameraConfig *config)
{
  g_autoptr (PhCameraConfig) before = self->config;
  PhCameraDifference difference = ph_camera_config_compare (before, config);

  self->config = ph_camera_config_dup (config);
  if (difference == PH_CAMERA_REBUILT) {
    close_pipeline (self);
    take_feeds (self);
  }
  renew_placeholders (self);
  if (difference == PH_CAMERA_REBUILT ||
      (difference == PH_CAMERA_TUNED &&
          (self->planning != NULL || (self->plan != NULL && !tune_plan (self)))))
    ph_camera_restart (self);
}

/* ---- public ---------------------------------------------------------------------------------- */

PhCamera *
ph_camera_new (const PhCameraConfig *config)
{
  PhCamera *self = g_object_new (PH_TYPE_CAMERA, NULL);
  PhFeedOwner owner = { on_demand_changed, self };

  self->config = ph_camera_config_dup (config);
  for (guint i = 0; i < config->streams->len; i++)
    g_ptr_array_add (self->feeds, ph_feed_new (g_ptr_array_index (config->streams, i), &owner));
  self->placeholders = ph_placeholders_new (self->config, self->feeds);
  return self;
}

const PhCameraConfig *
ph_camera_get_config (PhCamera *self)
{
  return self->config;
}

PhCameraState
ph_camera_get_state (PhCamera *self)
{
  return self->state;
}

const char *
ph_camera_state_to_string (PhCameraState state)
{
  static const char *const names[] = { "idle", "starting", "live", "lost" };

  return names[state];
}

const char *
ph_camera_get_last_error (PhCamera *self)
{
  return self->last_error;
}

gint64
ph_camera_get_last_error_at (PhCamera *self)
{
  return self->last_error_at_us;
}

gboolean
ph_camera_is_dark (PhCamera *self)
{
  return self->state == PH_CAMERA_LOST && !ph_placeholders_are_shown (self->placeholders);
}

double
ph_camera_get_retry_in (PhCamera *self)
{
  return ph_retry_get_time_left (self->retry);
}

double
ph_camera_get_waiting_time (PhCamera *self)
{
  if (self->planning != NULL)
    return ph_planning_get_time (self->planning);
  if (self->closing != NULL)
    return ph_pipeline_get_waiting_time (self->closing);
  return self->pipeline != NULL ? ph_pipeline_get_waiting_time (self->pipeline) : 0;
}

guint64
ph_camera_get_n_restarts (PhCamera *self)
{
  return self->n_restarts;
}

const PhPlan *
ph_camera_get_plan (PhCamera *self)
{
  return self->plan;
}

guint
ph_camera_get_n_feeds (PhCamera *self)
{
  return self->feeds->len;
}

PhFeed *
ph_camera_get_feed (PhCamera *self, guint index)
{
  return g_ptr_array_index (self->feeds, index);
}

PhFeed *
ph_camera_find_feed (PhCamera *self, const char *name, PhCodec codec)
{
  for (guint i = 0; i < self->feeds->len; i++) {
    PhFeed *feed = g_ptr_array_index (self->feeds, i);

    if (name != NULL ? g_str_equal (ph_feed_get_name_any (feed), name)
                     : ph_feed_get_codec_any (feed) == codec)
      return feed;
  }
  return NULL;
}

PhFeed *
ph_camera_ref_scaled_jpeg (PhCamera *self, PhFeed *jpeg, guint width, GError **error)
{
  const PhStreamConfig *stream =
      ph_camera_config_find_stream (self->config, ph_feed_get_name_any (jpeg), PH_CODEC_JPEG);

  return ph_scaled_jpegs_ref_feed (self->scaled, jpeg, width, stream->quality, error);
}

void
ph_camera_stop (PhCamera *self)
{
  g_clear_handle_id (&self->linger_timer, g_source_remove);
  if (self->planning != NULL)
    ph_planning_cancel (self->planning);
  self->is_plan_outdated = FALSE;
  ph_scaled_jpegs_drop (self->scaled, NULL);
  for (guint i = 0; i < self->feeds->len; i++)
    ph_feed_disown (g_ptr_array_index (self->feeds, i));
  g_ptr_array_set_size (self->wanted, 0);
  become_idle (self);
}

gboolean
ph_camera_is_stopped (PhCamera *self)
{
  return self->planning == NULL && self->closing == NULL && self->pipeline == NULL;
}

/* What closes a device keeps the camera for as long. */
static void
ph_camera_dispose (GObject *object)
{
  ph_camera_stop (PH_CAMERA (object));
  G_OBJECT_CLASS (ph_camera_parent_class)->dispose (object);
}

static void
ph_camera_finalize (GObject *object)
{
  PhCamera *self = PH_CAMERA (object);

  ph_placeholders_free (self->placeholders);
  ph_scaled_jpegs_free (self->scaled);
  ph_retry_free (self->retry);
  g_ptr_array_unref (self->wanted);
  g_ptr_array_unref (self->feeds);
  g_clear_pointer (&self->plan, ph_plan_free);
  g_free (self->device_id);
  g_free (self->last_error);
  ph_camera_config_free (self->config);
  G_OBJECT_CLASS (ph_camera_parent_class)->finalize (object);
}

static void
ph_camera_init (PhCamera *self)
{
  self->feeds = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_feed_unref_any);
  self->scaled = ph_scaled_jpegs_new ();
  self->wanted = g_ptr_array_new ();
  self->retry = ph_retry_new (on_retry, self);
}

static void
ph_camera_class_init (PhCameraClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_camera_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_camera_finalize;
  changed_signal = g_signal_new (
      "changed", PH_TYPE_CAMERA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}
