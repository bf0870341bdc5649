/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/camera.h"

#include "base/error.h"
#include "camera/pipeline.h"
#include "camera/placeholders.h"
#include "camera/scaled-jpeg.h"
#include "camera/source-watch.h"

#include <malloc.h>

#define FIRST_RETRY_MS 500
#define LAST_RETRY_MS 10000
/* Distinct widths kept ready for MJPEG viewers; unused ones make room. */
#define MAX_SCALED 16

struct _PhCamera {
  GObject parent_instance;

  PhCameraConfig *config;
  GPtrArray *feeds; /* element-type PhFeed */
  GPtrArray *scaled; /* element-type PhScaledJpeg */

  PhPlaceholders *placeholders;

  PhCameraState state;
  gboolean was_live; /* since it was idle */
  char *last_error; /* nullable */
  gint64 last_error_at_us; /* since 1970 */

  PhPlan *plan; /* nullable */
  char *device_id; /* of the last plan; nullable */
  GCancellable *planning; /* nullable; while the worker makes a plan */
  gboolean is_plan_outdated; /* the one being made is for nothing */
  PhPipeline *pipeline; /* nullable */
  GPtrArray *wanted; /* element-type PhFeed, unowned: those with taps */

  PhSourceWatch *source_watch; /* nullable; while it is lost */
  guint linger_timer, retry_timer;
  guint retry_ms;
  gint64 retry_at_us;
  guint64 n_restarts;
  gint64 opening_since_us; /* monotonic; 0: it is not being opened */
};

G_DEFINE_FINAL_TYPE (PhCamera, ph_camera, G_TYPE_OBJECT)

static guint changed_signal;

static void start (PhCamera *self);

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

/* Each pipeline has threads of its own, and glibc an arena for each thread, which it is slow to
 * give back: a camera that goes again and again would take more memory each time. */
static void
close_pipeline (PhCamera *self)
{
  self->opening_since_us = 0;
  if (self->pipeline == NULL)
    return;
  g_clear_pointer (&self->pipeline, ph_pipeline_free);
#ifdef __GLIBC__
  malloc_trim (0);
#endif
}

/* ---- failure and return ---------------------------------------------------------------------- */

static gboolean
on_retry_timer (gpointer user_data)
{
  PhCamera *self = user_data;

  self->retry_timer = 0;
  start (self);
  return G_SOURCE_REMOVE;
}

/* It need not wait for its turn; while it is being tried another try follows that one. */
static void
on_source_came (gpointer user_data)
{
  PhCamera *self = user_data;

  self->retry_ms = FIRST_RETRY_MS;
  if (self->retry_timer == 0)
    return;
  g_clear_handle_id (&self->retry_timer, g_source_remove);
  start (self);
}

static void
stop_watching_source (PhCamera *self)
{
  g_clear_pointer (&self->source_watch, ph_source_watch_free);
}

static void
become_idle (PhCamera *self)
{
  stop_watching_source (self);
  g_clear_handle_id (&self->retry_timer, g_source_remove);
  self->retry_ms = FIRST_RETRY_MS;
  self->was_live = FALSE;
  close_pipeline (self);
  ph_placeholders_hide (self->placeholders);
  set_state (self, PH_CAMERA_IDLE);
}

static void
note_error (PhCamera *self, const char *sentence)
{
  gboolean is_news = self->state != PH_CAMERA_LOST || g_strcmp0 (self->last_error, sentence) != 0;

  if (is_news)
    g_warning ("%s: %s", name_of (self), sentence);
  g_free (self->last_error);
  self->last_error = g_strdup (sentence);
  self->last_error_at_us = g_get_real_time ();
}

/* The plan goes too: the device may come back as another, or offer something else. */
static void
become_lost (PhCamera *self, const char *sentence)
{
  close_pipeline (self);
  g_clear_pointer (&self->plan, ph_plan_free);
  note_error (self, sentence);
  if (self->was_live)
    ph_placeholders_show (self->placeholders, sentence);
  if (self->source_watch == NULL)
    self->source_watch = ph_source_watch_new (self->config->source, on_source_came, self);
  self->retry_at_us = g_get_monotonic_time () + self->retry_ms * (gint64)1000;
  self->retry_timer = g_timeout_add (self->retry_ms, on_retry_timer, self);
  self->retry_ms = MIN (self->retry_ms * 2, LAST_RETRY_MS);
  self->state = PH_CAMERA_LOST;
  g_signal_emit (self, changed_signal, 0);
}

static void
on_pipeline_live (gpointer owner)
{
  PhCamera *self = owner;

  g_message ("%s: live", name_of (self));
  self->retry_ms = FIRST_RETRY_MS;
  self->was_live = TRUE;
  self->opening_since_us = 0;
  self->n_restarts += self->state == PH_CAMERA_LOST;
  ph_placeholders_let_go (self->placeholders);
  stop_watching_source (self);
  set_state (self, PH_CAMERA_LIVE);
}

static void
on_pipeline_failed (const char *error, gpointer owner)
{
  become_lost (owner, error);
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
  PhPipelineOwner owner = { on_pipeline_live, on_pipeline_failed, self };
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

/* What the worker gets to plan with. */
typedef struct {
  PhCameraConfig *config;
  char *device_id; /* nullable */
} Planning;

static void
free_planning (gpointer data)
{
  Planning *planning = data;

  ph_camera_config_free (planning->config);
  g_free (planning->device_id);
  g_free (planning);
}

static void
make_plan_on_worker (
    GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  const Planning *planning = task_data;
  GError *error = NULL;
  PhPlan *plan =
      ph_plan_make_on_worker (planning->config, planning->device_id, cancellable, &error);

  if (plan != NULL)
    g_task_return_pointer (task, plan, (GDestroyNotify)ph_plan_free);
  else
    g_task_return_error (task, error);
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
on_plan_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PhCamera) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhPlan) plan = g_task_propagate_pointer (G_TASK (result), &error);

  g_clear_object (&self->planning);
  if (self->is_plan_outdated) {
    self->is_plan_outdated = FALSE;
    start_if_wanted (self);
    return;
  }
  if (plan != NULL) {
    g_clear_pointer (&self->plan, ph_plan_free);
    self->plan = g_steal_pointer (&plan);
    g_free (self->device_id);
    self->device_id = g_strdup (self->plan->source.device_id);
    ph_placeholders_learn (self->placeholders, self->plan);
    log_plan (self);
  }
  if (!is_wanted (self))
    become_idle (self);
  else if (self->plan != NULL)
    open_pipeline (self);
  else
    become_lost (self, error->message);
}

static void
start (PhCamera *self)
{
  g_autoptr (GTask) task = NULL;
  Planning *planning;

  self->opening_since_us = g_get_monotonic_time ();
  if (self->state != PH_CAMERA_LOST)
    set_state (self, PH_CAMERA_STARTING);
  if (self->plan != NULL) {
    open_pipeline (self);
    return;
  }
  if (self->planning != NULL)
    return;
  self->planning = g_cancellable_new ();
  /* not as source object, which the worker may be the last to let go */
  task = g_task_new (NULL, self->planning, on_plan_made, g_object_ref (self));
  g_task_set_source_tag (task, start);
  planning = g_new0 (Planning, 1);
  planning->config = ph_camera_config_dup (self->config);
  planning->device_id = g_strdup (self->device_id);
  g_task_set_task_data (task, planning, free_planning);
  g_task_run_in_thread (task, make_plan_on_worker);
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
  if (!is_wanted (self) && self->state != PH_CAMERA_IDLE)
    self->linger_timer = g_timeout_add (self->config->linger * 1000, on_linger_timer, self);
  else if (is_wanted (self) && self->state == PH_CAMERA_IDLE)
    start (self);
}

/* ---- other settings -------------------------------------------------------------------------- */

void
ph_camera_restart (PhCamera *self)
{
  g_clear_handle_id (&self->linger_timer, g_source_remove);
  g_clear_handle_id (&self->retry_timer, g_source_remove);
  self->retry_ms = FIRST_RETRY_MS;
  stop_watching_source (self);
  close_pipeline (self);
  g_clear_pointer (&self->plan, ph_plan_free);
  g_clear_pointer (&self->device_id, g_free); /* another camera will do as well */
  if (self->planning == NULL) {
    start_if_wanted (self);
    return;
  }
  self->is_plan_outdated = TRUE;
  g_cancellable_cancel (self->planning);
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
drop_scaled_of (PhCamera *self, PhFeed *feed)
{
  for (guint i = self->scaled->len; i > 0; i--)
    if (ph_scaled_jpeg_get_source (g_ptr_array_index (self->scaled, i - 1)) == feed)
      g_ptr_array_remove_index (self->scaled, i - 1);
}

static void
let_feed_go (PhCamera *self, PhFeed *feed)
{
  ph_feed_disown (feed);
  g_ptr_array_remove (self->wanted, feed);
  drop_scaled_of (self, feed);
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
  if (self->retry_timer == 0)
    return 0;
  return MAX (0, self->retry_at_us - g_get_monotonic_time ()) / (double)G_USEC_PER_SEC;
}

double
ph_camera_get_opening_time (PhCamera *self)
{
  if (self->opening_since_us == 0)
    return 0;
  return (g_get_monotonic_time () - self->opening_since_us) / (double)G_USEC_PER_SEC;
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

static gboolean
is_unused (PhScaledJpeg *scaled)
{
  PhFeedStats stats;

  ph_feed_get_stats_any (ph_scaled_jpeg_get_feed (scaled), &stats);
  return stats.n_taps == 0;
}

static void
drop_one_unused_scaled (PhCamera *self)
{
  for (guint i = 0; i < self->scaled->len; i++)
    if (is_unused (g_ptr_array_index (self->scaled, i))) {
      g_ptr_array_remove_index (self->scaled, i);
      return;
    }
}

static PhScaledJpeg *
find_scaled (PhCamera *self, PhFeed *jpeg, guint width)
{
  for (guint i = 0; i < self->scaled->len; i++) {
    PhScaledJpeg *scaled = g_ptr_array_index (self->scaled, i);

    if (ph_scaled_jpeg_get_source (scaled) == jpeg && ph_scaled_jpeg_get_width (scaled) == width)
      return scaled;
  }
  return NULL;
}

PhFeed *
ph_camera_ref_scaled_jpeg (PhCamera *self, PhFeed *jpeg, guint width, GError **error)
{
  PhScaledJpeg *scaled = find_scaled (self, jpeg, width);
  const PhStreamConfig *stream =
      ph_camera_config_find_stream (self->config, ph_feed_get_name_any (jpeg), PH_CODEC_JPEG);

  if (scaled == NULL) {
    if (self->scaled->len >= MAX_SCALED)
      drop_one_unused_scaled (self);
    if (self->scaled->len >= MAX_SCALED) {
      g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
          "%d other picture widths are being watched already; take one of those or none",
          MAX_SCALED);
      return NULL;
    }
    scaled = ph_scaled_jpeg_new (jpeg, width, stream->quality);
    g_ptr_array_add (self->scaled, scaled);
  }
  return ph_feed_ref_any (ph_scaled_jpeg_get_feed (scaled));
}

void
ph_camera_stop (PhCamera *self)
{
  g_clear_handle_id (&self->linger_timer, g_source_remove);
  if (self->planning != NULL)
    g_cancellable_cancel (self->planning);
  self->is_plan_outdated = FALSE;
  g_ptr_array_set_size (self->scaled, 0);
  for (guint i = 0; i < self->feeds->len; i++)
    ph_feed_disown (g_ptr_array_index (self->feeds, i));
  g_ptr_array_set_size (self->wanted, 0);
  become_idle (self);
}

gboolean
ph_camera_is_planning (PhCamera *self)
{
  return self->planning != NULL;
}

static void
ph_camera_finalize (GObject *object)
{
  PhCamera *self = PH_CAMERA (object);

  ph_camera_stop (self);
  ph_placeholders_free (self->placeholders);
  g_ptr_array_unref (self->scaled);
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
  self->scaled = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_scaled_jpeg_free);
  self->wanted = g_ptr_array_new ();
  self->retry_ms = FIRST_RETRY_MS;
}

static void
ph_camera_class_init (PhCameraClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_camera_finalize;
  changed_signal = g_signal_new (
      "changed", PH_TYPE_CAMERA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}
