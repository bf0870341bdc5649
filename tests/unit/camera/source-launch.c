/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/source.h"

#include "base/error.h"

#include <gst/gst.h>
#include <string.h>

#define PICTURES "videotestsrc ! video/x-raw,format=NV12,width=320,height=180,framerate=25/1"

#define PARSER \
  " ! h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au"

static gboolean
make_plan (const char *line, PhSourcePlan *plan, GError **error)
{
  PhSourceConfig config = { .type = PH_SOURCE_LAUNCH, .launch = (char *)line };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);

  *plan = (PhSourcePlan){ 0 };
  return ph_source_make_plan_on_worker (&config, plan, warnings, NULL, error);
}

static void
what_a_line_delivers_is_seen (void)
{
  static const struct {
    const char *line;
    PhMedia media;
    const char *format;
    double framerate;
    const char *added; /* behind the line */
  } rows[] = {
    { PICTURES, PH_MEDIA_RAW, "NV12", 25, "" },
    { PICTURES " ! x264enc tune=zerolatency", PH_MEDIA_H264, NULL, 25, PARSER },
    { PICTURES " ! jpegenc", PH_MEDIA_JPEG, NULL, 25, "" },
    { PICTURES " ! x264enc tune=zerolatency ! rtph264pay ! rtph264depay", PH_MEDIA_H264, NULL, 25,
        PARSER },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    PhSourcePlan plan;
    g_autoptr (GError) error = NULL;
    g_autofree char *text = g_strconcat (rows[i].line, rows[i].added, NULL);

    g_assert_true (make_plan (rows[i].line, &plan, &error));
    g_assert_no_error (error);
    g_assert_cmpint (plan.media, ==, rows[i].media);
    g_assert_cmpstr (plan.format, ==, rows[i].format);
    g_assert_cmpuint (plan.width, ==, 320);
    g_assert_cmpuint (plan.height, ==, 180);
    g_assert_cmpfloat_with_epsilon (plan.framerate, rows[i].framerate, 0.1);
    g_assert_cmpstr (plan.text, ==, text);
    g_assert_false (plan.ends);
    ph_source_plan_clear (&plan);
  }
}

static void
a_rate_that_no_caps_tell_is_measured (void)
{
  PhSourcePlan plan;
  g_autoptr (GError) error = NULL;

  g_assert_true (make_plan (PICTURES
      " ! capssetter replace=true caps=video/x-raw,format=NV12,width=320,height=180",
      &plan, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (plan.framerate, ==, 25);
  g_assert_true (plan.is_variable);
  ph_source_plan_clear (&plan);
}

static void
a_line_that_does_not_do_is_explained (void)
{
  static const struct {
    const char *line;
    int code;
    const char *clause;
  } rows[] = {
    { "videotestsrc ! nosuchelement", PH_ERROR_UNSUPPORTED, "no element \"nosuchelement\"" },
    { "videotestsrc !", PH_ERROR_UNSUPPORTED, "the launch line does not run: " },
    { "audiotestsrc", PH_ERROR_UNSUPPORTED, "the launch line ends in audio/x-raw; it must end" },
    { "filesrc location=/nonexistent", PH_ERROR_UNAVAILABLE, "the launch line does not run: " },
    { "videotestsrc num-buffers=0", PH_ERROR_UNAVAILABLE, "there is no video in it" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    PhSourcePlan plan;
    g_autoptr (GError) error = NULL;

    g_assert_false (make_plan (rows[i].line, &plan, &error));
    g_assert_error (error, PH_ERROR, rows[i].code);
    g_assert_nonnull (strstr (error->message, rows[i].clause));
    ph_source_plan_clear (&plan);
  }
}

static gpointer
cancel_on_worker (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* Nothing comes out of this line before the deadline of eight seconds. */
static void
a_line_that_waits_can_be_cancelled (void)
{
  PhSourceConfig config = { .type = PH_SOURCE_LAUNCH,
    .launch = (char *)PICTURES " ! valve drop=true" };
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread = g_thread_new ("cancel", cancel_on_worker, cancellable);
  PhSourcePlan plan = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (ph_source_make_plan_on_worker (&config, &plan, warnings, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/camera/source-launch/media", what_a_line_delivers_is_seen);
  g_test_add_func ("/camera/source-launch/framerate", a_rate_that_no_caps_tell_is_measured);
  g_test_add_func ("/camera/source-launch/faults", a_line_that_does_not_do_is_explained);
  g_test_add_func ("/camera/source-launch/cancelled", a_line_that_waits_can_be_cancelled);
  return g_test_run ();
}
