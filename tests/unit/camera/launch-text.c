/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/launch-text.h"

#include "base/error.h"

#include <gst/gst.h>

static const char *const hostile[] = {
  "/srv/video.mp4",
  "/srv/my video.mp4",
  "",
  "NULL",
  "\"",
  "\"quoted\"",
  "a\"b",
  "a\\\"b",
  "a\\b\\\\c",
  "\" ! fakesink name=evil location=\"",
  "\\\" ! fakesink name=evil location=\\\"x",
  "x ! fakesink name=evil",
  "x name=evil",
  "'x' ! ( fakesink name=evil )",
  "$(touch /tmp/evil) `id` ; & | > < * ? ~ #",
  "caps,with=things;and/more:than{that}",
  "/srv/Zürich/映像.mp4",
  "it's",
  "\\x41",
  "a=b",
  " leading and trailing ",
};

/* The text is read back by GStreamer itself, with more text with quotes behind it: that is what a
 * value that ends too late would swallow. */
static void
assert_reads_back (const char *value)
{
  g_autoptr (GString) text = g_string_new ("filesrc name=source");
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstElement) source = NULL;
  g_autofree char *location = NULL;

  g_assert_true (ph_launch_append_property (text, "location", value, &error));
  g_string_append (text, " ! identity name=\"after\" ! fakesink name=\"sink\"");
  pipeline = gst_parse_launch_full (text->str, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);
  g_assert_no_error (error);
  g_assert_cmpint (GST_BIN_NUMCHILDREN (pipeline), ==, 3);
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_object_get (source, "location", &location, NULL);
  if (*value != '\0')
    g_assert_cmpstr (location, ==, value);
}

static void
no_value_leaves_its_property (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++)
    assert_reads_back (hostile[i]);
}

static void
no_mix_of_special_characters_leaves_its_property (void)
{
  static const char letters[] = "a\"\\ !'";
  char value[5] = "";

  for (guint code = 0; code < 6 * 6 * 6 * 6; code++) {
    for (guint i = 0, rest = code; i < 4; i++, rest /= 6)
      value[i] = letters[rest % 6];
    if (value[3] != '\\')
      assert_reads_back (value);
  }
}

static void
what_has_no_spelling_is_refused (void)
{
  static const char *const rows[] = { "ends with\\", "two\nlines", "bell\a", "\xff\xfe", "tab\t" };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GString) text = g_string_new ("filesrc");
    g_autoptr (GError) error = NULL;

    g_assert_false (ph_launch_append_property (text, "location", rows[i], &error));
    g_assert_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED);
    g_assert_cmpstr (text->str, ==, "filesrc");
  }
}

/* What gst-launch-1.0 does with its arguments: gst_parse_launchv(). */
static void
the_shell_line_gives_the_same_values (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++) {
    g_autoptr (GString) text = g_string_new ("filesrc name=source");
    g_autofree char *line = NULL;
    g_auto (GStrv) argv = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (GstElement) pipeline = NULL;
    g_autoptr (GstElement) source = NULL;
    g_autofree char *location = NULL;

    g_assert_true (ph_launch_append_property (text, "location", hostile[i], NULL));
    g_string_append (text, " ! video/x-raw,format=(string){NV12,I420} ! fakesink name=\"sink\"");
    line = ph_launch_to_shell (text->str);
    g_assert_true (g_shell_parse_argv (line, NULL, &argv, &error));
    g_assert_no_error (error);
    pipeline =
        gst_parse_launchv_full ((const char **)argv, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);
    g_assert_no_error (error);
    source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
    g_object_get (source, "location", &location, NULL);
    if (*hostile[i] != '\0')
      g_assert_cmpstr (location, ==, hostile[i]);
  }
}

static void
shell_words_are_quoted_only_where_they_must_be (void)
{
  g_autofree char *line = ph_launch_to_shell (
      "( name=source filesrc location=\"/a b\" )  ! video/x-h264,level=(string)4 ! tee name=t");

  g_assert_cmpstr (line, ==,
      "'(' name=source filesrc 'location=\"/a b\"' ')' ! 'video/x-h264,level=(string)4' ! tee "
      "name=t");
}

static void
framerates_become_fractions (void)
{
  static const struct {
    double framerate;
    const char *fraction;
  } rows[] = {
    { 30, "30/1" },
    { 29.97, "30000/1001" },
    { 25, "25/1" },
    { 12.5, "25/2" },
    { 7.5, "15/2" },
    { 1, "1/1" },
    { 0.5, "1/2" },
    { 59.94, "60000/1001" },
    { 120, "120/1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *fraction = ph_launch_framerate (rows[i].framerate);

    g_assert_cmpstr (fraction, ==, rows[i].fraction);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/camera/launch-text/quote", no_value_leaves_its_property);
  g_test_add_func ("/camera/launch-text/mix", no_mix_of_special_characters_leaves_its_property);
  g_test_add_func ("/camera/launch-text/refuse", what_has_no_spelling_is_refused);
  g_test_add_func ("/camera/launch-text/shell", the_shell_line_gives_the_same_values);
  g_test_add_func ("/camera/launch-text/words", shell_words_are_quoted_only_where_they_must_be);
  g_test_add_func ("/camera/launch-text/framerate", framerates_become_fractions);
  return g_test_run ();
}
