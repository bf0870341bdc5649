/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/brief-run.h"

#include "base/error.h"

GstElement *
ph_brief_run_parse (const char *text, GError **error)
{
  g_autoptr (GError) fault = NULL;
  GstElement *pipeline = gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &fault);

  if (pipeline == NULL) {
    g_set_error_literal (error, PH_ERROR, PH_ERROR_UNSUPPORTED, fault->message);
    return NULL;
  }
  return gst_object_ref_sink (pipeline);
}

static void
post_marker_any (GstElement *pipeline, const char *marker)
{
  gst_element_post_message (pipeline,
      gst_message_new_application (GST_OBJECT (pipeline), gst_structure_new_empty (marker)));
}

void
ph_brief_run_finish_any (GstElement *pipeline)
{
  post_marker_any (pipeline, "finished");
}

static void
on_cancelled_any (GCancellable *cancellable, gpointer pipeline)
{
  post_marker_any (pipeline, "cancelled");
}

static gboolean
is_cancelled (GstMessage *message)
{
  return message != NULL && gst_message_has_name (message, "cancelled");
}

static gboolean
judge (GstMessage *message, guint timeout_ms, GError **error)
{
  if (message == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "it took longer than %u s",
        (timeout_ms + 500) / 1000);
    return FALSE;
  }
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, error, NULL);
    return FALSE;
  }
  if (is_cancelled (message)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
    return FALSE;
  }
  return TRUE;
}

/* Takes pipeline. */
static gpointer
close_on_worker (gpointer pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  return NULL;
}

gboolean
ph_brief_run_on_worker (
    GstElement *pipeline, guint timeout_ms, GCancellable *cancellable, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;
  gulong handler = cancellable == NULL ? 0
                                       : g_cancellable_connect (cancellable,
                                             G_CALLBACK (on_cancelled_any), pipeline, NULL);

  /* A failure of the state change comes over the bus with its reason. */
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (
      bus, timeout_ms * GST_MSECOND, GST_MESSAGE_ERROR | GST_MESSAGE_EOS | GST_MESSAGE_APPLICATION);
  g_cancellable_disconnect (cancellable, handler);

  /* Closing waits for the elements; of one that may hang it must not be waited for. */
  if (message != NULL && !is_cancelled (message))
    close_on_worker (pipeline);
  else
    g_thread_unref (g_thread_new ("close", close_on_worker, pipeline));
  return judge (message, timeout_ms, error);
}
