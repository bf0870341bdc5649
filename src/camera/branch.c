/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/branch.h"

#include "camera/launch-text.h"
#include "camera/source.h"

#include <math.h>
#include <string.h>

/* When nobody knows the rate of a source and a constant one is needed. */
#define ASSUMED_FRAMERATE 30.0

/* With skip-to-first a new segment (see pipeline.c) starts it at the picture that comes next. */
#define FEWER_FRAMES "videorate drop-only=true skip-to-first=true"

static gboolean
is_lower (double framerate, double than)
{
  return framerate < than * 0.99;
}

/* The size stream comes out in. With one side given the other follows the source's shape; even,
 * because chroma is halved. */
static void
get_size (const PhStreamConfig *stream, const PhSourcePlan *source, guint *width, guint *height)
{
  *width = stream->width > 0 ? stream->width : source->width;
  *height = stream->height > 0 ? stream->height : source->height;
  if (source->width == 0 || source->height == 0)
    return;
  if (stream->width > 0 && stream->height == 0)
    *height = MAX (2, (guint)lround (stream->width / 2.0 * source->height / source->width) * 2);
  if (stream->height > 0 && stream->width == 0)
    *width = MAX (2, (guint)lround (stream->height / 2.0 * source->width / source->height) * 2);
}

static gboolean
is_same_size (const PhStreamConfig *stream, const PhSourcePlan *source)
{
  guint width, height;

  get_size (stream, source, &width, &height);
  return width == source->width && height == source->height;
}

static double
get_framerate (const PhStreamConfig *stream, const PhSourcePlan *source)
{
  if (stream->framerate > 0 &&
      (source->framerate <= 0 || is_lower (stream->framerate, source->framerate)))
    return stream->framerate;
  return source->framerate;
}

static gboolean
wants_fewer_frames (const PhStreamConfig *stream, const PhSourcePlan *source)
{
  return get_framerate (stream, source) != source->framerate;
}

gboolean
ph_branch_can_pass_through (const PhStreamConfig *stream, const PhSourcePlan *source)
{
  if (!is_same_size (stream, source))
    return FALSE;
  if (stream->codec == PH_CODEC_H264)
    return source->media == PH_MEDIA_H264 && !wants_fewer_frames (stream, source);
  return source->media == PH_MEDIA_JPEG &&
         (!wants_fewer_frames (stream, source) || !source->is_variable);
}

void
ph_branch_fill_wish (const PhStreamConfig *stream, const PhSourcePlan *source, PhEncoderWish *wish)
{
  double framerate = get_framerate (stream, source);

  get_size (stream, source, &wish->width, &wish->height);
  wish->framerate = framerate > 0 ? framerate : ASSUMED_FRAMERATE;
  wish->bitrate = stream->bitrate;
  wish->keyframe_interval = MAX (1, (guint)lround (wish->framerate * stream->keyframe_interval));
}

/* Frames are dropped before anything is done to them. A rate that stands in no caps can only be
 * made constant, which may repeat a frame; not all those of the time when nobody looked. */
static void
maybe_append_rate (GString *text, const PhStreamConfig *stream, const PhSourcePlan *source)
{
  double framerate = get_framerate (stream, source);
  g_autofree char *fraction = NULL;

  if (!wants_fewer_frames (stream, source) && !source->is_variable)
    return;
  fraction = ph_launch_framerate (framerate > 0 ? framerate : ASSUMED_FRAMERATE);
  g_string_append_printf (text, "%s ! video/x-raw,framerate=%s ! ",
      source->is_variable ? "videorate skip-to-first=true max-duplication-time=1000000000"
                          : FEWER_FRAMES,
      fraction);
}

/* Only the elements that have work to do, so that a buffer the encoder can take as it is (dmabuf)
 * goes to it untouched. */
static void
maybe_append_conversion (GString *text, const PhStreamConfig *stream, const PhSourcePlan *source,
    const char *format, const char *colorimetry)
{
  gboolean is_scaled = !is_same_size (stream, source);
  gboolean is_converted =
      format != NULL &&
      (g_strcmp0 (format, source->format) != 0 ||
          (colorimetry != NULL && g_strcmp0 (colorimetry, source->colorimetry) != 0));
  guint width, height;

  if (is_scaled)
    g_string_append (text, "videoscale ! ");
  if (is_converted)
    g_string_append (text, "videoconvert ! ");
  if (!is_scaled && !is_converted)
    return;
  get_size (stream, source, &width, &height);
  g_string_append (text, "video/x-raw");
  if (is_converted)
    g_string_append_printf (text, ",format=%s", format);
  if (is_converted && colorimetry != NULL)
    g_string_append_printf (text, ",colorimetry=(string)%s", colorimetry);
  if (is_scaled)
    g_string_append_printf (text, ",width=%u,height=%u,pixel-aspect-ratio=1/1", width, height);
  g_string_append (text, " ! ");
}

static char *
make_h264_text (const PhStreamConfig *stream, const PhSourcePlan *source, const PhEncoder *encoder)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *encoder_text = NULL;
  PhEncoderWish wish;

  ph_branch_fill_wish (stream, source, &wish);
  encoder_text = ph_encoder_make_text (encoder, &wish);
  maybe_append_rate (text, stream, source);
  maybe_append_conversion (text, stream, source, encoder->format, encoder->colorimetry);
  g_string_append_printf (text, "%s ! " PH_H264_PARSER " ! " PH_H264_FRAMING, encoder_text);
  return g_strdup (text->str);
}

/* JPEG is BT.601 in full range, and jpegenc does not look what it is given. videoconvert leaves the
 * range alone when the matrix stays the same, as with most pictures of television size, unless it
 * goes by way of RGB; that costs too much for larger ones. In the end it is 4:2:0: half the bytes
 * of RGB's 4:4:4, and what RTP can carry (RFC 2435, section 4.1). */
static void
append_jpeg_conversion (GString *text, const PhStreamConfig *stream, const PhSourcePlan *source)
{
  guint width, height;

  get_size (stream, source, &width, &height);
  if (width * height > 720 * 576 || source->media == PH_MEDIA_JPEG)
    maybe_append_conversion (text, stream, source, "I420", "1:4:0:0");
  else {
    maybe_append_conversion (text, stream, source, "RGB", NULL);
    g_string_append (text, "videoconvert ! video/x-raw,format=I420,colorimetry=(string)1:4:0:0 ! ");
  }
}

static char *
make_jpeg_text (const PhStreamConfig *stream, const PhSourcePlan *source)
{
  g_autoptr (GString) text = g_string_new (NULL);

  maybe_append_rate (text, stream, source);
  append_jpeg_conversion (text, stream, source);
  g_string_append_printf (text, "jpegenc quality=%u", stream->quality);
  return g_strdup (text->str);
}

static char *
make_jpeg_pass_through_text (const PhStreamConfig *stream, const PhSourcePlan *source)
{
  g_autofree char *framerate = NULL;

  if (!wants_fewer_frames (stream, source))
    return g_strdup ("image/jpeg");
  framerate = ph_launch_framerate (stream->framerate);
  return g_strdup_printf (FEWER_FRAMES " ! image/jpeg,framerate=%s", framerate);
}

char *
ph_branch_make_text (
    const PhStreamConfig *stream, const PhSourcePlan *source, const PhEncoder *encoder)
{
  gboolean passes = ph_branch_can_pass_through (stream, source);

  if (stream->codec == PH_CODEC_JPEG)
    return passes ? make_jpeg_pass_through_text (stream, source) : make_jpeg_text (stream, source);
  return passes ? g_strdup (PH_H264_FRAMING) : make_h264_text (stream, source, encoder);
}

static void
add_sentence (GPtrArray *sentences, char *sentence)
{
  g_ptr_array_add (sentences, sentence);
}

static gboolean
is_said (const char *clause, const GPtrArray *notes)
{
  for (guint i = 0; i < notes->len; i++)
    if (strstr (g_ptr_array_index (notes, i), clause) != NULL)
      return TRUE;
  return FALSE;
}

static void
note_encoder (const PhStreamConfig *stream, const PhEncoderWish *wish, const PhEncoder *encoder,
    const char *reason, GPtrArray *notes)
{
  gboolean has_news = reason != NULL && !is_said (reason, notes);

  add_sentence (
      notes, g_strdup_printf ("stream %s: %ux%u at %g frames/s, encoded by %s%s%s%s", stream->name,
                 wish->width, wish->height, wish->framerate, encoder->factory,
                 has_news ? " (before it: " : "", has_news ? reason : "", has_news ? ")" : ""));
}

static void
maybe_warn_of_framerate (
    const PhStreamConfig *stream, const PhSourcePlan *source, GPtrArray *warnings)
{
  if (source->framerate > 0 && is_lower (source->framerate, stream->framerate))
    add_sentence (warnings, g_strdup_printf ("stream %s: the source gives %g frames/s, not %g",
                                stream->name, source->framerate, stream->framerate));
}

static const PhEncoder *
choose_encoder_on_worker (const PhStreamConfig *stream, const char *asked,
    const PhSourcePlan *source, GPtrArray *notes, GCancellable *cancellable, GError **error)
{
  PhEncoderWish wish;
  g_autofree char *reason = NULL;
  const PhEncoder *encoder;

  ph_branch_fill_wish (stream, source, &wish);
  encoder = ph_encoder_choose_on_worker (
      asked, &wish, ph_encoder_try_on_worker, cancellable, &reason, error);
  if (encoder != NULL)
    note_encoder (stream, &wish, encoder, reason, notes);
  return encoder;
}

gboolean
ph_branch_make_plan_on_worker (const PhStreamConfig *stream, const char *encoder,
    const PhSourcePlan *source, PhBranchPlan *branch, GPtrArray *notes, GPtrArray *warnings,
    GCancellable *cancellable, GError **error)
{
  gboolean passes = ph_branch_can_pass_through (stream, source);
  const PhEncoder *chosen = NULL;

  if (passes) {
    add_sentence (notes, g_strdup_printf ("stream %s: passed through as it comes", stream->name));
  } else if (stream->codec == PH_CODEC_H264) {
    chosen = choose_encoder_on_worker (stream, encoder, source, notes, cancellable, error);
    if (chosen == NULL)
      return FALSE;
  }
  branch->stream = g_strdup (stream->name);
  branch->tee = passes ? PH_BRANCH_CODED : PH_BRANCH_RAW;
  branch->text = ph_branch_make_text (stream, source, chosen);
  branch->encoder = passes ? NULL : g_strdup (chosen != NULL ? chosen->factory : "jpegenc");
  branch->framerate = get_framerate (stream, source);
  get_size (stream, source, &branch->width, &branch->height);
  maybe_warn_of_framerate (stream, source, warnings);
  return TRUE;
}
