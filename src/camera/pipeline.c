/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/pipeline.h"

#include "base/error.h"
#include "base/mailbox.h"
#include "camera/explain.h"
#include "camera/feed-stream.h"
#include "camera/repeat.h"
#include "camera/source.h"
#include "camera/state-changes.h"
#include "camera/test-clock.h"
#include "camera/tune.h"
#include "camera/v4l2-pool.h"
#include "camera/watchdog.h"

/* How long a source may take to its first picture: an IP camera that has to fall back from UDP to
 * TCP needs the most. */
#define FIRST_PICTURE_TIMEOUT_S 15
/* And a stream of it, which may have to wait for the camera's next keyframe. */
#define FIRST_UNIT_TIMEOUT_S 60
/* An encoder need not wait for one. */
#define FIRST_ENCODED_TIMEOUT_S 6

/* One branch of the plan. */
typedef struct {
  PhPipeline *pipeline;
  const PhBranchPlan *plan;
  PhWatchdog *watchdog; /* of what comes out, while it is wanted */
} Branch;

struct _PhPipeline {
  PhCameraConfig *config;
  const PhPlan *plan;
  PhPipelineOwner owner;
  GstElement *element;
  PhStateChanges *changes;
  GstElement *decode_gate; /* nullable */
  GPtrArray *gates; /* element-type GstElement, one for each branch */
  GPtrArray *outlets; /* element-type PhFeedStream, likewise */
  GPtrArray *feeds; /* element-type PhFeed, likewise */
  GPtrArray *branches; /* element-type Branch, likewise */
  GArray *is_wanted; /* element-type gboolean, likewise */
  PhRepeat *repeat; /* nullable */
  PhV4l2Pool *v4l2_pool; /* nullable */
  PhWatchdog *watchdog;
  PhMailbox *failures; /* element-type char * */
  guint bus_watch;
  gboolean is_live;
  char *failure; /* nullable; a sentence for the user */
  gboolean is_closing;
};

/* ---- failures ------------------------------------------------------------------------------- */

static void
fail (PhPipeline *self, const char *sentence)
{
  if (self->failure != NULL)
    return;
  self->failure = g_strdup (sentence);
  ph_mailbox_post_any (self->failures, g_strdup (sentence));
}

/* A source that fails posts an error and then ends: the error says more. */
static char *
try_explain_end (PhPipeline *self)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->element);
  g_autoptr (GstMessage) message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);

  return message != NULL ? ph_explain_error (self->config->source, message) : NULL;
}

static void
deliver_failure (gpointer item, gpointer user_data)
{
  PhPipeline *self = user_data;
  g_autofree char *sentence = item;

  if (self->failure == NULL)
    self->failure = try_explain_end (self);
  if (self->failure == NULL)
    self->failure = g_steal_pointer (&sentence);
  self->owner.failed (self->failure, self->owner.owner);
}

/* What has ended need not reach the bus: a shut gate lets nothing through. */
static GstPadProbeReturn
note_end_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  PhPipeline *self = user_data;

  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS)
    ph_mailbox_post_any (self->failures, ph_explain_end (self->config->source));
  return GST_PAD_PROBE_OK;
}

static void
on_error_message (PhPipeline *self, GstMessage *message)
{
  g_autofree char *sentence = ph_explain_error (self->config->source, message);

  fail (self, sentence);
}

/* It takes the state lock, as does opening the device. */
static void
recalculate_latency_on_worker (gpointer user_data)
{
  PhPipeline *self = user_data;

  gst_bin_recalculate_latency (GST_BIN (self->element));
}

static gboolean
on_bus_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  PhPipeline *self = user_data;

  switch (GST_MESSAGE_TYPE (message)) {
  case GST_MESSAGE_ERROR:
    on_error_message (self, message);
    break;
  case GST_MESSAGE_LATENCY:
    ph_state_changes_run_any (self->changes, recalculate_latency_on_worker);
    break;
  default:
    break;
  }
  return G_SOURCE_CONTINUE;
}

/* ---- what the watchdog says ------------------------------------------------------------------ */

static void
on_first_picture (gpointer user_data)
{
  PhPipeline *self = user_data;

  if (self->is_live || self->failure != NULL || self->is_closing)
    return;
  self->is_live = TRUE;
  for (guint i = 0; i < self->branches->len; i++)
    if (g_array_index (self->is_wanted, gboolean, i))
      ph_watchdog_start (((Branch *)g_ptr_array_index (self->branches, i))->watchdog);
  self->owner.live (self->owner.owner);
}

static void
on_picture_missing (double seconds, gpointer user_data)
{
  g_autofree char *sentence = g_strdup_printf ("no picture came for %.1f seconds", seconds);

  fail (user_data, sentence);
}

/* While the source goes on it is an encoder or a decoder that hangs. */
static void
on_unit_missing (double seconds, gpointer user_data)
{
  Branch *branch = user_data;
  g_autofree char *sentence = NULL;

  if (ph_watchdog_get_silence (branch->pipeline->watchdog) > seconds / 2) {
    on_picture_missing (seconds, branch->pipeline);
    return;
  }
  sentence =
      g_strdup_printf ("stream %s: nothing came out of %s for %.1f seconds", branch->plan->stream,
          branch->plan->encoder != NULL ? branch->plan->encoder : "the source", seconds);
  fail (branch->pipeline, sentence);
}

/* ---- a file that has ended ------------------------------------------------------------------- */

static void
play_again_on_worker (gpointer user_data)
{
  PhPipeline *self = user_data;
  const char *sentence = ph_repeat_play_again_on_worker (self->repeat);

  if (sentence != NULL)
    ph_mailbox_post_any (self->failures, g_strdup (sentence));
}

static void
on_file_ended_on_stream (gpointer user_data)
{
  PhPipeline *self = user_data;

  ph_state_changes_run_any (self->changes, play_again_on_worker);
}

/* ---- opened and closed ----------------------------------------------------------------------- */

static void
leave_feeds (PhPipeline *self)
{
  for (guint i = 0; i < self->feeds->len; i++) {
    PhFeed *feed = g_ptr_array_index (self->feeds, i);

    ph_feed_set_encoder_pad (feed, NULL);
    ph_feed_stream_shut (g_ptr_array_index (self->outlets, i));
    ph_feed_note_gap (feed);
  }
}

static void
on_opened (gboolean is_good, gpointer user_data)
{
  PhPipeline *self = user_data;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;

  if (is_good) {
    ph_watchdog_start (self->watchdog);
    return;
  }
  bus = gst_element_get_bus (self->element);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  if (message != NULL)
    on_error_message (self, message);
  fail (self, "the pipeline does not start");
}

static void
on_hangs (const char *doing, guint seconds, gpointer user_data)
{
  PhPipeline *self = user_data;
  g_autofree char *sentence = ph_explain_hang (self->config->source, doing, seconds);

  self->owner.hangs (sentence, self->owner.owner);
}

static void free_pipeline (PhPipeline *self);

static void
on_closed (gpointer user_data)
{
  PhPipeline *self = user_data;
  PhPipelineOwner owner = self->owner;

  free_pipeline (self);
  owner.closed (owner.owner);
}

/* ---- building -------------------------------------------------------------------------------- */

static GstElement *
find_element (PhPipeline *self, const char *prefix, const char *name)
{
  g_autofree char *full_name = g_strconcat (prefix, name, NULL);

  return gst_bin_get_by_name (GST_BIN (self->element), full_name);
}

static void
shut (GstElement *gate)
{
  g_object_set (gate, "drop", TRUE, NULL);
}

static void
free_branch (gpointer data)
{
  Branch *branch = data;

  ph_watchdog_free (branch->watchdog);
  g_free (branch);
}

static void
watch_branch (PhPipeline *self, const PhBranchPlan *plan, GstPad *pad)
{
  Branch *branch = g_new0 (Branch, 1);
  gboolean is_raw = self->plan->source.media == PH_MEDIA_RAW;
  PhWatchdogOwner owner = { .picture_missing = on_unit_missing, .owner = branch };

  branch->pipeline = self;
  branch->plan = plan;
  branch->watchdog = ph_watchdog_new (
      pad, plan->framerate, is_raw ? FIRST_ENCODED_TIMEOUT_S : FIRST_UNIT_TIMEOUT_S, &owner);
  g_ptr_array_add (self->branches, branch);
}

static gboolean
connect_branch (PhPipeline *self, const PhBranchPlan *branch, PhFeed *feed, GError **error)
{
  GstElement *gate = find_element (self, "gate-", branch->stream);
  g_autoptr (GstElement) sink = find_element (self, "sink-", branch->stream);
  g_autoptr (GstPad) pad = NULL;
  gboolean is_wanted = FALSE;

  if (gate == NULL || sink == NULL) {
    gst_clear_object (&gate);
    g_set_error (error, PH_ERROR, PH_ERROR_FAILED,
        "stream %s has no gate or no sink in its pipeline", branch->stream);
    return FALSE;
  }
  shut (gate);
  g_ptr_array_add (self->gates, gate);
  g_ptr_array_add (
      self->outlets, ph_feed_stream_new (feed, self->element, sink, PH_FEED_STREAM_CAMERA));
  g_ptr_array_add (self->feeds, ph_feed_ref_any (feed));
  g_array_append_val (self->is_wanted, is_wanted);
  ph_feed_note_gap (feed);
  pad = gst_element_get_static_pad (sink, "sink");
  watch_branch (self, branch, pad);
  if (branch->encoder != NULL && ph_feed_get_codec_any (feed) == PH_CODEC_H264)
    ph_feed_set_encoder_pad (feed, pad);
  return TRUE;
}

static gboolean
connect_branches (PhPipeline *self, GPtrArray *feeds, GError **error)
{
  for (guint i = 0; i < self->plan->branches->len; i++)
    if (!connect_branch (
            self, g_ptr_array_index (self->plan->branches, i), g_ptr_array_index (feeds, i), error))
      return FALSE;
  self->decode_gate = gst_bin_get_by_name (GST_BIN (self->element), "decode");
  if (self->decode_gate != NULL)
    shut (self->decode_gate);
  return TRUE;
}

static gboolean
connect_source (PhPipeline *self, GError **error)
{
  g_autoptr (GstElement) tee = gst_bin_get_by_name (
      GST_BIN (self->element), self->plan->source.media == PH_MEDIA_RAW ? "raw" : "coded");
  g_autoptr (GstElement) source = gst_bin_get_by_name (GST_BIN (self->element), "source");
  g_autoptr (GstPad) pad = NULL;

  if (tee == NULL) {
    g_set_error_literal (error, PH_ERROR, PH_ERROR_FAILED, "the pipeline has no tee");
    return FALSE;
  }
  pad = gst_element_get_static_pad (tee, "sink");
  self->watchdog = ph_watchdog_new (pad, self->plan->source.framerate, FIRST_PICTURE_TIMEOUT_S,
      &(PhWatchdogOwner){ on_first_picture, on_picture_missing, self });
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, note_end_on_stream, self, NULL);
  if (self->plan->source.ends)
    self->repeat = ph_repeat_new (source, on_file_ended_on_stream, self);
  if (source != NULL)
    self->v4l2_pool = ph_v4l2_pool_new (source);
  return TRUE;
}

static void
watch_bus (PhPipeline *self)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->element);

  self->bus_watch = gst_bus_add_watch (bus, on_bus_message, self);
}

static GstElement *
parse (const PhPlan *plan, GError **error)
{
  g_autofree char *text = ph_plan_to_text (plan);
  g_autoptr (GError) fault = NULL;
  GstElement *element = gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &fault);

  if (element == NULL)
    g_set_error (
        error, PH_ERROR, PH_ERROR_UNSUPPORTED, "the pipeline cannot be built: %s", fault->message);
  return element;
}

/* Of what never ran, or does no more. Probes and callbacks lived until the threads that run them
 * were gone. */
static void
free_pipeline (PhPipeline *self)
{
  g_clear_handle_id (&self->bus_watch, g_source_remove);
  g_clear_pointer (&self->changes, ph_state_changes_free);
  g_clear_pointer (&self->repeat, ph_repeat_free);
  g_clear_pointer (&self->watchdog, ph_watchdog_free);
  g_ptr_array_unref (self->branches);
  ph_mailbox_close (self->failures);
  ph_mailbox_unref_any (self->failures);
  g_ptr_array_unref (self->outlets);
  g_ptr_array_unref (self->gates);
  g_ptr_array_unref (self->feeds);
  g_array_unref (self->is_wanted);
  gst_clear_object (&self->decode_gate);
  gst_clear_object (&self->element);
  g_clear_pointer (&self->v4l2_pool, ph_v4l2_pool_free);
  ph_camera_config_free (self->config);
  g_free (self->failure);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhPipeline, free_pipeline)

PhPipeline *
ph_pipeline_new (const PhCameraConfig *config, const PhPlan *plan, GPtrArray *feeds,
    const PhPipelineOwner *owner, GError **error)
{
  g_autoptr (PhPipeline) self = g_new0 (PhPipeline, 1);
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  PhStateChangesOwner changes = { on_opened, on_closed, on_hangs, self };

  self->config = ph_camera_config_dup (config);
  self->plan = plan;
  self->owner = *owner;
  self->gates = g_ptr_array_new_with_free_func (gst_object_unref);
  self->outlets = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_feed_stream_free);
  self->feeds = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_feed_unref_any);
  self->branches = g_ptr_array_new_with_free_func (free_branch);
  self->is_wanted = g_array_new (FALSE, TRUE, sizeof (gboolean));
  self->failures = ph_mailbox_new (NULL, 4, deliver_failure, self, g_free);
  self->element = parse (plan, error);
  if (self->element == NULL)
    return NULL;
  gst_pipeline_use_clock (GST_PIPELINE (self->element), clock);
  self->changes = ph_state_changes_new (self->element, &changes, error);
  if (self->changes == NULL)
    return NULL;
  watch_bus (self);
  if (!ph_source_apply_secrets (config->source, self->element, error) ||
      !connect_branches (self, feeds, error) || !connect_source (self, error)) {
    leave_feeds (self);
    return NULL;
  }
  ph_test_clock_attach_any (self->element);
  return g_steal_pointer (&self);
}

/* ---- running --------------------------------------------------------------------------------- */

void
ph_pipeline_start (PhPipeline *self)
{
  ph_state_changes_open (self->changes);
}

static gboolean
is_raw_wanted (PhPipeline *self)
{
  for (guint i = 0; i < self->is_wanted->len; i++) {
    const PhBranchPlan *branch = g_ptr_array_index (self->plan->branches, i);

    if (branch->tee == PH_BRANCH_RAW && g_array_index (self->is_wanted, gboolean, i))
      return TRUE;
  }
  return FALSE;
}

static GstPadProbeReturn
skip_to_keyframe_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  gboolean is_delta =
      GST_BUFFER_FLAG_IS_SET (GST_PAD_PROBE_INFO_BUFFER (info), GST_BUFFER_FLAG_DELTA_UNIT);

  return is_delta ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_REMOVE;
}

/* A decoder that goes on in the middle of a group of pictures, with the pictures of long ago as its
 * references, shows garbage up to the next keyframe. */
static void
set_decoder_wanted (PhPipeline *self, gboolean is_wanted)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (self->decode_gate, "src");
  gboolean is_shut;

  g_object_get (self->decode_gate, "drop", &is_shut, NULL);
  if (is_wanted && is_shut)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, skip_to_keyframe_on_stream, NULL, NULL);
  g_object_set (self->decode_gate, "drop", !is_wanted, NULL);
}

/* videorate goes on from where its gate was shut, and lets every picture through until it has
 * caught up with the time that passed since; a segment makes it start anew. */
static void
renew_segment (GstElement *gate)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (gate, "sink");
  g_autoptr (GstPad) source = gst_element_get_static_pad (gate, "src");
  g_autoptr (GstEvent) now = gst_pad_get_sticky_event (sink, GST_EVENT_SEGMENT, 0);
  g_autoptr (GstEvent) before = gst_pad_get_sticky_event (source, GST_EVENT_SEGMENT, 0);
  const GstSegment *segment;

  if (now == NULL || before == NULL) /* it was never open */
    return;
  gst_event_parse_segment (now, &segment);
  gst_pad_push_event (source, gst_event_new_segment (segment));
}

void
ph_pipeline_set_wanted (PhPipeline *self, guint index, gboolean is_wanted)
{
  PhFeed *feed = g_ptr_array_index (self->feeds, index);
  GstElement *gate = g_ptr_array_index (self->gates, index);
  const Branch *branch = g_ptr_array_index (self->branches, index);

  if (is_wanted && !g_array_index (self->is_wanted, gboolean, index))
    renew_segment (gate);
  if (is_wanted && self->is_live)
    ph_watchdog_start (branch->watchdog);
  else if (!is_wanted)
    ph_watchdog_stop (branch->watchdog);
  g_array_index (self->is_wanted, gboolean, index) = is_wanted;
  if (is_wanted)
    ph_feed_request_keyframe_any (feed);
  g_object_set (gate, "drop", !is_wanted, NULL);
  if (self->decode_gate != NULL)
    set_decoder_wanted (self, is_raw_wanted (self));
}

gboolean
ph_pipeline_tune (PhPipeline *self, guint index, const PhStreamConfig *stream)
{
  const PhBranchPlan *branch = g_ptr_array_index (self->plan->branches, index);
  g_autoptr (GstElement) sink = find_element (self, "sink-", branch->stream);

  return branch->encoder == NULL || ph_tune_encoder (sink, branch->encoder, stream);
}

/* In the one order: bus and watchdogs off, nothing more into the feeds, the pipeline to NULL (which
 * joins its threads), memory. */
void
ph_pipeline_close (PhPipeline *self)
{
  self->is_closing = TRUE;
  g_clear_handle_id (&self->bus_watch, g_source_remove);
  ph_mailbox_close (self->failures);
  ph_watchdog_stop (self->watchdog);
  for (guint i = 0; i < self->branches->len; i++)
    ph_watchdog_stop (((Branch *)g_ptr_array_index (self->branches, i))->watchdog);
  leave_feeds (self);
  ph_state_changes_close (self->changes);
}

double
ph_pipeline_get_waiting_time (PhPipeline *self)
{
  return ph_state_changes_get_time (self->changes);
}
