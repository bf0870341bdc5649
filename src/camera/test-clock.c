/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/test-clock.h"

#include "base/error.h"

#define TEXT_NAME "clock-text"
#define MARK_NAME "clock-mark"

static gboolean
check_element (const char *name, const char *package, GError **error)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find (name);

  if (factory == NULL)
    g_set_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED,
        "the GStreamer element %s is missing: install %s", name, package);
  return factory != NULL;
}

gboolean
ph_test_clock_append (GString *text, guint width, guint height, GError **error)
{
  guint block = width / PH_TEST_CLOCK_COLUMNS;

  if (width % PH_TEST_CLOCK_COLUMNS != 0 || height < 6 * block) {
    g_set_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED,
        "the pattern \"clock\" does not fit in %ux%u: it needs a width that is a multiple of %d, "
        "and no less than a tenth of it as height",
        width, height, PH_TEST_CLOCK_COLUMNS);
    return FALSE;
  }
  if (!check_element ("simplevideomark", "gstreamer1.0-plugins-bad", error) ||
      !check_element ("textoverlay", "gstreamer1.0-plugins-base", error))
    return FALSE;
  g_string_append_printf (text,
      " ! textoverlay name=" TEXT_NAME " font-desc=\"Monospace Bold 32\" valignment=center"
      " ! simplevideomark name=" MARK_NAME " pattern-width=%u pattern-height=%u pattern-count=%d"
      " pattern-data-count=%d left-offset=%u bottom-offset=%u",
      block, 2 * block, PH_TEST_CLOCK_MARKERS, PH_TEST_CLOCK_BITS, 8 * block, 2 * block);
  return TRUE;
}

/* The one time of a picture has to be the same in both: the row is drawn after the text. */
static GstPadProbeReturn
write_time_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  GstElement *mark = user_data;
  g_autoptr (GstElement) text = gst_pad_get_parent_element (pad);
  gint64 now = g_get_real_time ();
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (now / G_USEC_PER_SEC);
  g_autofree char *seconds = g_date_time_format (time, "%F  %T");
  guint milliseconds = now % G_USEC_PER_SEC / 1000;
  g_autofree char *words = g_strdup_printf ("%s.%03u", seconds, milliseconds);

  g_object_set (text, "text", words, NULL);
  g_object_set (mark, "pattern-data", (guint64)now / 1000, NULL);
  return GST_PAD_PROBE_OK;
}

void
ph_test_clock_attach_any (GstElement *pipeline)
{
  g_autoptr (GstElement) text = gst_bin_get_by_name (GST_BIN (pipeline), TEXT_NAME);
  g_autoptr (GstElement) mark = gst_bin_get_by_name (GST_BIN (pipeline), MARK_NAME);
  g_autoptr (GstPad) pad = NULL;

  if (text == NULL || mark == NULL)
    return;
  pad = gst_element_get_static_pad (text, "video_sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, write_time_on_stream, gst_object_ref (mark),
      gst_object_unref);
}
