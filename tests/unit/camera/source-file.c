/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/source.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <gst/gst.h>
#include <string.h>

#define FRAMING "video/x-h264,stream-format=byte-stream,alignment=au"
#define N_FRAMES 15 /* half a second */

static const struct {
  const char *name;
  const char *elements; /* behind 320x180 raw video at 30 frames/s */
} files[] = {
  { "h264.mp4", "x264enc key-int-max=10 ! mp4mux" },
  { "it's \"h264\" ! x.mp4", "x264enc key-int-max=10 ! mp4mux" },
  { "h264.ts", "x264enc key-int-max=10 ! h264parse ! mpegtsmux" },
  { "h264.mkv", "x264enc key-int-max=10 ! matroskamux" },
  { "times.h264", "x264enc key-int-max=10 ! video/x-h264,stream-format=byte-stream" },
  { "mjpeg.avi", "jpegenc ! avimux" },
  { "mjpeg.mkv", "jpegenc ! matroskamux" },
  { "times.mjpeg", "jpegenc" },
  { "vp8.webm", "vp8enc deadline=1 ! webmmux" },
};

typedef struct {
  char *path;
  PhSourceConfig config;
  PhSourcePlan plan;
  GPtrArray *warnings;
  GError *error;
} Fixture;

static char *folder;

static void
run (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (text, &error);
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;

  g_assert_no_error (error);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  g_assert_true (message != NULL && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

static void
make_files (void)
{
  folder = g_dir_make_tmp ("porthole-XXXXXX", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *temporary = g_build_filename (folder, "new", NULL);
    g_autofree char *path = g_build_filename (folder, files[i].name, NULL);
    g_autofree char *text = g_strdup_printf (
        "videotestsrc num-buffers=%d pattern=ball ! "
        "video/x-raw,format=I420,width=320,height=180,framerate=30/1 ! %s ! filesink location=%s",
        N_FRAMES, files[i].elements, temporary);

    run (text);
    g_assert_cmpint (g_rename (temporary, path), ==, 0);
  }
}

static void
remove_files (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (folder, files[i].name, NULL);

    g_unlink (path);
  }
  g_rmdir (folder);
  g_clear_pointer (&folder, g_free);
}

static void
set_up (Fixture *f, gconstpointer name)
{
  f->warnings = g_ptr_array_new_with_free_func (g_free);
  f->path = g_build_filename (folder, (const char *)name, NULL);
  f->config = (PhSourceConfig){ .type = PH_SOURCE_FILE, .path = f->path };
  ph_source_make_plan_on_worker (&f->config, &f->plan, f->warnings, NULL, &f->error);
}

static void
tear_down (Fixture *f, gconstpointer name)
{
  g_ptr_array_unref (f->warnings);
  ph_source_plan_clear (&f->plan);
  g_clear_error (&f->error);
  g_free (f->path);
}

static void
assert_plan (const Fixture *f, PhMedia media, const char *elements)
{
  g_autofree char *suffix = g_strdup_printf (" ! %s ! clocksync", elements);

  g_assert_no_error (f->error);
  g_assert_cmpint (f->plan.media, ==, media);
  g_assert_cmpuint (f->plan.width, ==, 320);
  g_assert_cmpuint (f->plan.height, ==, 180);
  g_assert_cmpfloat_with_epsilon (f->plan.framerate, 30, 0.1);
  g_assert_true (f->plan.ends);
  g_assert_true (g_str_has_prefix (f->plan.text, "( name=source filesrc location=\""));
  g_assert_true (g_str_has_suffix (f->plan.text, suffix));
}

static void
h264_is_passed_on (Fixture *f, gconstpointer name)
{
  assert_plan (f, PH_MEDIA_H264, "parsebin : h264parse config-interval=-1 ) ! " FRAMING);
}

static void
h264_without_decoding_times_gets_them (Fixture *f, gconstpointer name)
{
  assert_plan (
      f, PH_MEDIA_H264, "parsebin : h264timestamper ! h264parse config-interval=-1 ) ! " FRAMING);
}

static void
jpeg_is_passed_on (Fixture *f, gconstpointer name)
{
  assert_plan (f, PH_MEDIA_JPEG, "parsebin : jpegparse )");
}

static void
other_things_are_decoded (Fixture *f, gconstpointer name)
{
  assert_plan (f, PH_MEDIA_RAW, "decodebin : videoconvert )");
}

static void
pictures_without_times_are_refused (Fixture *f, gconstpointer name)
{
  g_assert_error (f->error, PH_ERROR, PH_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (f->error->message, "has pictures but no times"));
}

static void
a_file_that_is_not_there_is_named (Fixture *f, gconstpointer name)
{
  g_assert_error (f->error, PH_ERROR, PH_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (f->error->message, "none.mp4: No such file"));
}

typedef struct {
  gint64 last, end; /* running times, nanoseconds: of decoding, and where the pictures end */
  guint n_buffers, n_backwards;
} Played;

static gint64
get_running_time (GstPad *pad, GstClockTime time)
{
  g_autoptr (GstEvent) event = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  const GstSegment *segment;
  guint64 running;
  int sign;

  gst_event_parse_segment (event, &segment);
  sign = gst_segment_to_running_time_full (segment, GST_FORMAT_TIME, time, &running);
  return sign < 0 ? -(gint64)running : (gint64)running;
}

static GstPadProbeReturn
note_buffer_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Played *played = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  gint64 decoded = get_running_time (pad, GST_BUFFER_DTS_OR_PTS (buffer));
  gint64 shown = get_running_time (pad, GST_BUFFER_PTS (buffer));

  played->n_backwards += played->n_buffers > 0 && decoded <= played->last;
  played->last = decoded;
  played->end = MAX (played->end, shown + (gint64)GST_SECOND / 30);
  played->n_buffers++;
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
catch_end_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer pipeline)
{
  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) != GST_EVENT_EOS)
    return GST_PAD_PROBE_OK;
  gst_element_post_message (
      pipeline, gst_message_new_application (pipeline, gst_structure_new_empty ("end")));
  return GST_PAD_PROBE_DROP;
}

static void
wait_for_end (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (
      bus, 10 * GST_SECOND, GST_MESSAGE_ERROR | GST_MESSAGE_APPLICATION);

  g_assert_true (message != NULL && GST_MESSAGE_TYPE (message) == GST_MESSAGE_APPLICATION);
}

/* The recipe of plan.h. */
static void
a_file_can_be_played_again_and_again (Fixture *f, gconstpointer name)
{
  g_autofree char *text =
      g_strdup_printf ("%s sync=false name=after ! fakesink async=false sync=false", f->plan.text);
  g_autoptr (GstElement) pipeline =
      gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, NULL);
  g_autoptr (GstElement) source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_autoptr (GstElement) after = gst_bin_get_by_name (GST_BIN (pipeline), "after");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (after, "src");
  GstPad *end;
  Played played = { 0 };

  g_assert_cmpuint (g_list_length (source->srcpads), ==, 1);
  end = source->srcpads->data;
  gst_pad_add_probe (end, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, catch_end_on_stream, pipeline, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, note_buffer_on_stream, &played, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 1; i <= 3; i++) {
    wait_for_end (pipeline);
    g_assert_cmpuint (played.n_buffers, ==, i * N_FRAMES);
    gst_element_set_state (source, GST_STATE_READY);
    gst_pad_set_offset (end, played.end);
    g_assert_true (gst_element_sync_state_with_parent (source));
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_assert_cmpuint (played.n_backwards, ==, 0);
}

#define ADD(path, name, test) \
  g_test_add ("/camera/source-file/" path, Fixture, name, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  make_files ();
  ADD ("mp4", "h264.mp4", h264_is_passed_on);
  ADD ("name", "it's \"h264\" ! x.mp4", h264_is_passed_on);
  ADD ("ts", "h264.ts", h264_is_passed_on);
  ADD ("mkv", "h264.mkv", h264_without_decoding_times_gets_them);
  ADD ("h264", "times.h264", other_things_are_decoded);
  ADD ("avi", "mjpeg.avi", jpeg_is_passed_on);
  ADD ("mjpeg-mkv", "mjpeg.mkv", jpeg_is_passed_on);
  ADD ("webm", "vp8.webm", other_things_are_decoded);
  ADD ("mjpeg", "times.mjpeg", pictures_without_times_are_refused);
  ADD ("missing", "none.mp4", a_file_that_is_not_there_is_named);
  ADD ("again/mp4", "h264.mp4", a_file_can_be_played_again_and_again);
  ADD ("again/name", "it's \"h264\" ! x.mp4", a_file_can_be_played_again_and_again);
  ADD ("again/ts", "h264.ts", a_file_can_be_played_again_and_again);
  ADD ("again/mkv", "h264.mkv", a_file_can_be_played_again_and_again);
  ADD ("again/h264", "times.h264", a_file_can_be_played_again_and_again);
  ADD ("again/avi", "mjpeg.avi", a_file_can_be_played_again_and_again);
  ADD ("again/webm", "vp8.webm", a_file_can_be_played_again_and_again);
  status = g_test_run ();
  remove_files ();
  return status;
}
