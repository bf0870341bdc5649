/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/encoder.h"

#include "base/error.h"
#include "camera/brief-run.h"
#include "camera/launch-text.h"

#include <gst/gst.h>
#include <string.h>

/* A driver that takes longer hangs; software is only slow, on a machine that has just started. */
#define HARDWARE_TIMEOUT_MS 5000
#define SOFTWARE_TIMEOUT_MS 10000
#define TRIAL_FRAMES 5
#define FAILURE_IS_REMEMBERED_US (5 * G_TIME_SPAN_MINUTE)

/* <kbit> <bit>: bitrate in kbit/s, in bit/s; <frames>: keyframe interval; <level> <level10>: "3.1",
 * "31"; <preset>: x264's, see choose_x264_preset ().
 *
 * v4l2h264enc: without a level in the caps the driver is asked for level 1.0 and refuses most
 * sizes, and what it says of colorimetry is not always what it takes; the rest is said by driver
 * controls. x264enc: at a cut it makes I pictures that are no IDR pictures; h264parse calls them
 * keyframes, but they have no parameter sets and nobody can start with one. nvh264enc: the older
 * element has no property for B-frames on cards without them, and makes none by default. */
static const PhEncoder encoders[] = {
  { "nvh264enc", "nvcodec", "NV12", NULL, FALSE,
      "nvh264enc bitrate=<kbit> gop-size=<frames> rc-mode=cbr preset=low-latency-hq "
      "zerolatency=true ! "
      "video/x-h264,profile=(string){constrained-baseline,baseline}",
      "bitrate", 1000 },
  { "vah264enc", "va", "NV12", NULL, FALSE,
      "vah264enc bitrate=<kbit> key-int-max=<frames> rate-control=cbr b-frames=0 ! "
      "video/x-h264,profile=(string)constrained-baseline",
      "bitrate", 1000 },
  { "vah264lpenc", "va", "NV12", NULL, FALSE,
      "vah264lpenc bitrate=<kbit> key-int-max=<frames> rate-control=cbr b-frames=0 ! "
      "video/x-h264,profile=(string)constrained-baseline",
      "bitrate", 1000 },
  { "vaapih264enc", "vaapi", "NV12", NULL, FALSE,
      "vaapih264enc bitrate=<kbit> keyframe-period=<frames> rate-control=cbr max-bframes=0 ! "
      "video/x-h264,profile=(string)constrained-baseline",
      "bitrate", 1000 },
  { "qsvh264enc", "qsv", "NV12", NULL, FALSE,
      "qsvh264enc bitrate=<kbit> gop-size=<frames> rate-control=cbr b-frames=0 low-latency=true ! "
      "video/x-h264,profile=(string)constrained-baseline",
      "bitrate", 1000 },
  { "v4l2h264enc", "video4linux2", "NV12", "bt709", FALSE,
      "v4l2h264enc extra-controls=\"controls,video_bitrate_mode=1,video_bitrate=<bit>,"
      "h264_i_frame_period=<frames>,repeat_sequence_header=1\" ! "
      "video/x-h264,profile=(string)constrained-baseline,level=(string)<level>",
      NULL, 0 },
  { "mpph264enc", "rockchipmpp", "NV12", NULL, FALSE,
      "mpph264enc bps=<bit> gop=<frames> rc-mode=cbr header-mode=each-idr profile=baseline "
      "level=<level10> ! video/x-h264",
      "bps", 1 },
  { "omxh264enc", "omx", "NV12", NULL, FALSE,
      "omxh264enc target-bitrate=<bit> interval-intraframes=<frames> periodicity-idr=<frames> "
      "control-rate=constant b-frames=0 ! "
      "video/x-h264,profile=(string)baseline,level=(string)<level>",
      "target-bitrate", 1 },
  { "x264enc", "x264", "I420", NULL, TRUE,
      "x264enc bitrate=<kbit> key-int-max=<frames> bframes=0 tune=zerolatency "
      "speed-preset=<preset> option-string=scenecut=0 ! "
      "video/x-h264,profile=(string)constrained-baseline",
      "bitrate", 1000 },
  { "openh264enc", "openh264", "I420", NULL, TRUE,
      "openh264enc bitrate=<bit> gop-size=<frames> rate-control=bitrate complexity=low "
      "scene-change-detection=false ! "
      "video/x-h264,profile=(string)constrained-baseline",
      "bitrate", 1 },
  { NULL },
};

const PhEncoder *
ph_encoder_get_table (void)
{
  return encoders;
}

const PhEncoder *
ph_encoder_find (const char *factory)
{
  for (const PhEncoder *row = encoders; row->factory != NULL; row++)
    if (g_str_equal (row->factory, factory))
      return row;
  return NULL;
}

/* ITU-T H.264 table A-1; the bitrates are those of the baseline and main profiles. */
static const struct {
  const char *name;
  guint macroblocks_per_s, macroblocks, kbit_per_s;
} levels[] = {
  { "3.1", 108000, 3600, 14000 },
  { "3.2", 216000, 5120, 20000 },
  { "4", 245760, 8192, 20000 },
  { "4.1", 245760, 8192, 50000 },
  { "4.2", 522240, 8704, 50000 },
  { "5", 589824, 22080, 135000 },
  { "5.1", 983040, 36864, 240000 },
  { "5.2", 2073600, 36864, 240000 },
};

static guint
count_macroblocks (const PhEncoderWish *wish)
{
  return ((wish->width + 15) / 16) * ((wish->height + 15) / 16);
}

const char *
ph_encoder_get_level (const PhEncoderWish *wish)
{
  guint macroblocks = count_macroblocks (wish);
  gsize i = 0;

  while (i + 1 < G_N_ELEMENTS (levels) &&
         (macroblocks > levels[i].macroblocks ||
             macroblocks * wish->framerate > levels[i].macroblocks_per_s ||
             wish->bitrate > levels[i].kbit_per_s))
    i++;
  return levels[i].name;
}

/* A Raspberry Pi 5 or a small PC has no encoder but this one, and more to do than to encode: the
 * large picture gets the preset that fits into about one core at 1080p30, the small one that costs
 * little anyway a better one. ultrafast has no deblocking, so it is for what is larger still. */
static const char *
choose_x264_preset (const PhEncoderWish *wish)
{
  double macroblocks_per_s = count_macroblocks (wish) * wish->framerate;

  if (macroblocks_per_s <= 40 * 30 * 30) /* 640x480 at 30 */
    return "veryfast";
  return macroblocks_per_s <= 120 * 68 * 30 ? "superfast" : "ultrafast"; /* 1920x1080 at 30 */
}

static void
fill_in (GString *text, const char *word, guint64 value)
{
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, value);

  g_string_replace (text, word, number, 0);
}

char *
ph_encoder_make_text (const PhEncoder *self, const PhEncoderWish *wish)
{
  const char *level = ph_encoder_get_level (wish);
  GString *text = g_string_new (self->text);

  fill_in (text, "<kbit>", wish->bitrate);
  fill_in (text, "<bit>", (guint64)wish->bitrate * 1000);
  fill_in (text, "<frames>", MAX (1, wish->keyframe_interval));
  fill_in (text, "<level10>", (guint64)(g_ascii_strtod (level, NULL) * 10 + 0.5));
  g_string_replace (text, "<level>", level, 0);
  g_string_replace (text, "<preset>", choose_x264_preset (wish), 0);
  return g_string_free (text, FALSE);
}

static guint
get_timeout_ms (const PhEncoder *self)
{
  return self->is_software ? SOFTWARE_TIMEOUT_MS : HARDWARE_TIMEOUT_MS;
}

static char *
make_trial_text (const PhEncoder *self, const PhEncoderWish *wish)
{
  g_autofree char *framerate = ph_launch_framerate (wish->framerate);
  g_autofree char *encoder = ph_encoder_make_text (self, wish);

  return g_strdup_printf ("videotestsrc num-buffers=%d ! "
                          "video/x-raw,format=%s,width=%u,height=%u,framerate=%s%s%s ! "
                          "%s ! h264parse ! fakesink name=sink sync=false async=false",
      TRIAL_FRAMES, self->format, wish->width, wish->height, framerate,
      self->colorimetry != NULL ? ",colorimetry=" : "",
      self->colorimetry != NULL ? self->colorimetry : "", encoder);
}

static GstPadProbeReturn
count_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer n_frames)
{
  g_atomic_int_inc ((int *)n_frames);
  return GST_PAD_PROBE_OK;
}

/* A driver that hangs may hold the pipeline longer than this file knows of it, so the count is
 * reference counted and not on the stack. */
static void
count_frames (GstElement *pipeline, int *n_frames)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_on_stream,
      g_atomic_rc_box_acquire (n_frames), (GDestroyNotify)g_atomic_rc_box_release);
}

static gboolean
run_trial_on_worker (
    const PhEncoder *self, const PhEncoderWish *wish, GCancellable *cancellable, GError **error)
{
  g_autofree char *text = make_trial_text (self, wish);
  GstElement *pipeline = ph_brief_run_parse (text, error);
  int *n_frames;
  gboolean is_good;

  if (pipeline == NULL)
    return FALSE;
  n_frames = g_atomic_rc_box_new0 (int);
  count_frames (pipeline, n_frames);
  is_good = ph_brief_run_on_worker (pipeline, get_timeout_ms (self), cancellable, error);
  if (is_good && g_atomic_int_get (n_frames) < TRIAL_FRAMES) {
    g_set_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED, "%d of %d frames came out",
        g_atomic_int_get (n_frames), TRIAL_FRAMES);
    is_good = FALSE;
  }
  g_atomic_rc_box_release (n_frames);
  return is_good;
}

static char *
say_why_missing (const PhEncoder *self)
{
  g_autoptr (GstPlugin) plugin = gst_registry_find_plugin (gst_registry_get (), self->plugin);

  return g_strdup (plugin != NULL ? "no device" : "not installed");
}

static char *
say_why_failed (const PhEncoder *self, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return g_strdup_printf ("took longer than %u s", get_timeout_ms (self) / 1000);
  return g_strdup_printf ("failed: %s", error->message);
}

typedef struct {
  char *reason; /* NULL: it works */
  gint64 until_us; /* monotonic; a failure may have been that of a busy moment */
} Memory;

/* Any thread, under lock. */
static struct {
  GMutex lock;
  GHashTable *memories; /* element-type char * → Memory */
} known;

static gboolean
recall_any (const char *key, char **reason)
{
  gboolean is_known;
  Memory *memory;

  g_mutex_lock (&known.lock);
  memory = known.memories != NULL ? g_hash_table_lookup (known.memories, key) : NULL;
  is_known =
      memory != NULL && (memory->reason == NULL || g_get_monotonic_time () <= memory->until_us);
  if (is_known)
    *reason = g_strdup (memory->reason);
  g_mutex_unlock (&known.lock);
  return is_known;
}

static void
free_memory (gpointer data)
{
  Memory *memory = data;

  g_free (memory->reason);
  g_free (memory);
}

static void
remember_any (const char *key, const char *reason)
{
  Memory *memory = g_new0 (Memory, 1);

  memory->reason = g_strdup (reason);
  memory->until_us = g_get_monotonic_time () + FAILURE_IS_REMEMBERED_US;
  g_mutex_lock (&known.lock);
  if (known.memories == NULL)
    known.memories = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_memory);
  g_hash_table_replace (known.memories, g_strdup (key), memory);
  g_mutex_unlock (&known.lock);
}

char *
ph_encoder_try_on_worker (
    const PhEncoder *self, const PhEncoderWish *wish, GCancellable *cancellable)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find (self->factory);
  g_autofree char *key =
      g_strdup_printf ("%s %ux%u@%g", self->factory, wish->width, wish->height, wish->framerate);
  g_autoptr (GError) error = NULL;
  char *reason = NULL;

  if (factory == NULL)
    return say_why_missing (self);
  if (recall_any (key, &reason))
    return reason;
  if (!run_trial_on_worker (self, wish, cancellable, &error))
    reason = say_why_failed (self, error);
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    remember_any (key, reason);
  return reason;
}

static const PhEncoder *
choose_the_asked_on_worker (const char *asked, const PhEncoderWish *wish, PhEncoderTryFunc try,
    GCancellable *cancellable, GError **error)
{
  const PhEncoder *row = ph_encoder_find (asked);
  g_autofree char *fault = row != NULL ? try (row, wish, cancellable) : g_strdup ("not known");

  if (fault == NULL)
    return row;
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_set_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED,
        "encoder %s cannot be used for %ux%u at %g frames/s: %s", asked, wish->width, wish->height,
        wish->framerate, fault);
  return NULL;
}

/* "a, b no device; c not installed": neighbours with the same fault share its words. */
static void
append_fault (GString *faults, const char *factory, const char *fault)
{
  g_autofree char *same = g_strconcat (" ", fault, NULL);

  if (g_str_has_suffix (faults->str, same)) {
    g_string_truncate (faults, faults->len - strlen (same));
    g_string_append_printf (faults, ", %s%s", factory, same);
  } else {
    g_string_append_printf (faults, "%s%s%s", faults->len > 0 ? "; " : "", factory, same);
  }
}

const PhEncoder *
ph_encoder_choose_on_worker (const char *asked, const PhEncoderWish *wish, PhEncoderTryFunc try,
    GCancellable *cancellable, char **reason, GError **error)
{
  g_autoptr (GString) faults = g_string_new (NULL);

  *reason = NULL;
  if (!g_str_equal (asked, "auto"))
    return choose_the_asked_on_worker (asked, wish, try, cancellable, error);

  for (const PhEncoder *row = encoders; row->factory != NULL; row++) {
    g_autofree char *fault = try (row, wish, cancellable);

    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return NULL;
    if (fault == NULL) {
      if (faults->len > 0)
        *reason = g_strdup (faults->str);
      return row;
    }
    append_fault (faults, row->factory, fault);
  }
  g_set_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED,
      "no H.264 encoder works for %ux%u at %g frames/s (%s); install gstreamer1.0-plugins-ugly for "
      "x264enc",
      wish->width, wish->height, wish->framerate, faults->str);
  return NULL;
}
