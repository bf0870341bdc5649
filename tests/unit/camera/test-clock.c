/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/test-clock.h"

#include "base/error.h"
#include "camera/source.h"

#include <string.h>

#define DEADLINE (10 * GST_SECOND)

static char *
make_text (guint width, guint height, GError **error)
{
  g_autofree char *pattern = g_strdup ("clock");
  PhSourceConfig config = {
    .type = PH_SOURCE_TEST, .width = width, .height = height, .pattern = pattern
  };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  PhSourcePlan plan = { 0 };
  char *text = NULL;

  if (ph_source_make_plan_on_worker (&config, &plan, warnings, NULL, error))
    text = g_strdup (plan.text);
  ph_source_plan_clear (&plan);
  return text;
}

/* Milliseconds since 1970, as the next picture shows them. */
static guint64
read_clock (GstBus *bus)
{
  g_autoptr (GstMessage) message =
      gst_bus_timed_pop_filtered (bus, DEADLINE, GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT);
  const GstStructure *structure;
  gboolean has_pattern = FALSE;
  guint64 data = 0;

  g_assert_true (message != NULL && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT);
  structure = gst_message_get_structure (message);
  g_assert_true (gst_structure_get_boolean (structure, "have-pattern", &has_pattern));
  g_assert_true (has_pattern);
  g_assert_true (gst_structure_get_uint64 (structure, "data", &data));
  return data;
}

static void
programs_read_when_a_picture_was_made (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *source = make_text (640, 360, &error);
  g_autofree char *text = g_strconcat (source,
      " ! simplevideomarkdetect pattern-width=10 pattern-height=20 pattern-count=4"
      " pattern-data-count=44 left-offset=80 bottom-offset=20 ! fakesink",
      NULL);
  guint64 before = g_get_real_time () / 1000, first, second;
  g_autoptr (GstElement) pipeline = gst_parse_launch (text, &error);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  g_assert_no_error (error);
  ph_test_clock_attach_any (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  first = read_clock (bus);
  second = read_clock (bus);
  g_assert_cmpuint (first, >=, before);
  g_assert_cmpuint (second, >, first);
  g_assert_cmpuint (second, <=, g_get_real_time () / 1000);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

static void
a_size_it_does_not_fit_in_is_named (void)
{
  static const guint sizes[][2] = { { 650, 360 }, { 640, 48 } };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *size = g_strdup_printf ("%ux%u", sizes[i][0], sizes[i][1]);
    g_autoptr (GError) error = NULL;
    g_autofree char *text = make_text (sizes[i][0], sizes[i][1], &error);

    g_assert_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED);
    g_assert_nonnull (strstr (error->message, size));
    g_assert_null (text);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/camera/test-clock/reads", programs_read_when_a_picture_was_made);
  g_test_add_func ("/camera/test-clock/size", a_size_it_does_not_fit_in_is_named);
  return g_test_run ();
}
