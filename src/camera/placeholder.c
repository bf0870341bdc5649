/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/placeholder.h"

#include "base/error.h"
#include "base/mailbox.h"
#include "camera/feed-stream.h"
#include "camera/launch-text.h"
#include "camera/source.h"
#include "camera/watchdog.h"

#include <gst/video/video.h>
#include <math.h>

/* Pictures in a second: few, but enough for HLS parts of their usual length. */
#define FASTEST 5.0
#define SLOWEST 1.0
#define FIRST_PICTURE_TIMEOUT_S 4

#define BACKGROUND "0xff20262e"

struct _PhPlaceholder {
  PhFeed *feed;
  PhPlaceholderOwner owner;
  GstElement *element;
  GstElement *overlay; /* nullable */
  PhFeedStream *outlet;
  PhWatchdog *watchdog;
  PhMailbox *failures; /* element-type char * */
  guint bus_watch;
  gboolean is_over;
};

/* ---- its end --------------------------------------------------------------------------------- */

static void
fail (PhPlaceholder *self, const char *reason)
{
  if (self->is_over)
    return;
  self->is_over = TRUE;
  ph_mailbox_post_any (self->failures, g_strdup (reason));
}

static void
deliver_failure (gpointer item, gpointer user_data)
{
  PhPlaceholder *self = user_data;
  g_autofree char *reason = item;

  self->owner.failed (self, reason, self->owner.owner);
}

static void
on_error_message (PhPlaceholder *self, GstMessage *message)
{
  g_autoptr (GError) error = NULL;

  gst_message_parse_error (message, &error, NULL);
  fail (self, error->message);
}

static gboolean
on_bus_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  PhPlaceholder *self = user_data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    on_error_message (self, message);
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS || self->is_over)
    return G_SOURCE_CONTINUE;
  self->is_over = TRUE;
  self->bus_watch = 0;
  self->owner.ended (self, self->owner.owner);
  return G_SOURCE_REMOVE;
}

static void
on_picture_missing (double seconds, gpointer user_data)
{
  fail (user_data, "the encoder gives no picture");
}

/* ---- building -------------------------------------------------------------------------------- */

static gboolean
has_factory (const char *name)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find (name);

  return factory != NULL;
}

static void
append_words (GString *text)
{
  if (has_factory ("textoverlay"))
    g_string_append (text,
        " ! textoverlay name=words valignment=center halignment=center wrap-mode=wordchar "
        "draw-outline=false draw-shadow=false font-desc=\"Sans 16\"");
  else
    g_message ("the placeholder has no words: install gstreamer1.0-x");
}

static const char *
get_colorimetry (const PhPlaceholderFormat *format, const GstStructure *before)
{
  if (format->encoder == NULL)
    return "1:4:0:0"; /* JPEG is full range, see branch.c */
  if (format->encoder->colorimetry != NULL)
    return format->encoder->colorimetry;
  return before != NULL ? gst_structure_get_string (before, "colorimetry") : NULL;
}

/* What the feed carried before says the rest of what an encoder writes down in its parameter sets.
 * Only what GStreamer knows goes into the text. */
static void
append_look (GString *text, const PhPlaceholderFormat *format, PhFeed *feed)
{
  g_autoptr (GstCaps) caps = ph_feed_dup_caps_any (feed);
  const GstStructure *before = caps != NULL ? gst_caps_get_structure (caps, 0) : NULL;
  const char *colorimetry = get_colorimetry (format, before);
  const char *chroma_site =
      before != NULL ? gst_structure_get_string (before, "chroma-site") : NULL;
  GstVideoColorimetry known;
  int n = 1, d = 1;

  if (before != NULL)
    gst_structure_get_fraction (before, "pixel-aspect-ratio", &n, &d);
  if (n > 0 && d > 0)
    g_string_append_printf (text, ",pixel-aspect-ratio=%d/%d", n, d);
  if (colorimetry != NULL && gst_video_colorimetry_from_string (&known, colorimetry))
    g_string_append_printf (text, ",colorimetry=(string)%s", colorimetry);
  if (chroma_site != NULL &&
      gst_video_chroma_from_string (chroma_site) != GST_VIDEO_CHROMA_SITE_UNKNOWN)
    g_string_append_printf (text, ",chroma-site=(string)%s", chroma_site);
}

/* The encoder is told the camera's frame rate: it stands in its parameter sets, too. */
static void
append_encoder (GString *text, const PhPlaceholderFormat *format, double framerate)
{
  g_autofree char *told = ph_launch_framerate (format->wish.framerate);
  PhEncoderWish wish = format->wish;
  g_autofree char *encoder = NULL;

  if (format->encoder == NULL) {
    g_string_append_printf (text, " ! jpegenc quality=%u", format->quality);
    return;
  }
  wish.keyframe_interval =
      MAX (2, (guint)lround (wish.keyframe_interval / wish.framerate * framerate));
  encoder = ph_encoder_make_text (format->encoder, &wish);
  g_string_append_printf (text,
      " ! capssetter caps=video/x-raw,framerate=%s ! %s ! " PH_H264_PARSER " ! " PH_H264_FRAMING,
      told, encoder);
}

static char *
make_text (PhFeed *feed, const PhPlaceholderFormat *format, double framerate)
{
  GString *text = g_string_new ("videotestsrc is-live=true pattern=solid-color "
                                "foreground-color=" BACKGROUND);
  g_autofree char *fraction = ph_launch_framerate (framerate);

  g_string_append_printf (text, " ! video/x-raw,format=%s,width=%u,height=%u,framerate=%s",
      format->encoder != NULL ? format->encoder->format : "I420", format->wish.width,
      format->wish.height, fraction);
  append_look (text, format, feed);
  append_words (text);
  append_encoder (text, format, framerate);
  g_string_append (text,
      " ! appsink name=sink sync=false async=false max-buffers=1 drop=true wait-on-eos=false");
  return g_string_free (text, FALSE);
}

static GstElement *
parse (const char *text, GError **error)
{
  g_autoptr (GError) fault = NULL;
  GstElement *element = gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &fault);

  if (element == NULL)
    g_set_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED, "%s", fault->message);
  return element;
}

static void
connect_outlet (PhPlaceholder *self, const PhPlaceholderFormat *format, double framerate)
{
  PhWatchdogOwner owner = { .picture_missing = on_picture_missing, .owner = self };
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (self->element), "sink");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  g_autoptr (GstBus) bus = gst_element_get_bus (self->element);

  self->bus_watch = gst_bus_add_watch (bus, on_bus_message, self);
  self->outlet = ph_feed_stream_new (self->feed, self->element, sink, PH_FEED_STREAM_PLACEHOLDER);
  self->watchdog = ph_watchdog_new (pad, framerate, FIRST_PICTURE_TIMEOUT_S, &owner);
  ph_feed_admit_placeholder (self->feed, format->encoder != NULL ? pad : NULL);
}

PhPlaceholder *
ph_placeholder_new (PhFeed *feed, const PhPlaceholderFormat *format, const char *words,
    const PhPlaceholderOwner *owner, GError **error)
{
  double framerate = CLAMP (format->wish.framerate, SLOWEST, FASTEST);
  g_autofree char *text = make_text (feed, format, framerate);
  GstElement *element = parse (text, error);
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  PhPlaceholder *self;

  if (element == NULL)
    return NULL;
  self = g_new0 (PhPlaceholder, 1);
  self->feed = ph_feed_ref_any (feed);
  self->owner = *owner;
  self->element = element;
  self->failures = ph_mailbox_new (NULL, 1, deliver_failure, self, g_free);
  self->overlay = gst_bin_get_by_name (GST_BIN (element), "words");
  gst_pipeline_use_clock (GST_PIPELINE (element), clock);
  ph_placeholder_set_words (self, words);
  connect_outlet (self, format, framerate);
  ph_watchdog_start (self->watchdog);
  if (gst_element_set_state (element, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    fail (self, "its pipeline does not start");
  return self;
}

void
ph_placeholder_set_words (PhPlaceholder *self, const char *words)
{
  if (self->overlay != NULL)
    g_object_set (self->overlay, "text", words, NULL);
}

PhFeed *
ph_placeholder_get_feed (PhPlaceholder *self)
{
  return self->feed;
}

void
ph_placeholder_free (PhPlaceholder *self)
{
  g_clear_handle_id (&self->bus_watch, g_source_remove);
  ph_feed_dismiss_placeholder (self->feed);
  gst_element_set_state (self->element, GST_STATE_NULL);
  ph_watchdog_free (self->watchdog);
  ph_mailbox_close (self->failures);
  ph_mailbox_unref_any (self->failures);
  ph_feed_stream_free (self->outlet);
  gst_clear_object (&self->overlay);
  gst_clear_object (&self->element);
  ph_feed_unref_any (self->feed);
  g_free (self);
}
