/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/hls-variant.h"

#include "camera/encoder.h"

#include <math.h>

/* What an encoder may exceed the bitrate by that it was asked for. */
#define BITRATE_MARGIN 1.1

/* Of what is encoded here; NULL of what is passed through, of which nothing is known before it was
 * seen. All encoders make constrained baseline (camera/encoder.h), of at most that level. */
static const char *
predict_codec (const PhBranchPlan *branch, const PhStreamConfig *config)
{
  const PhEncoderWish wish = { .width = branch->width,
    .height = branch->height,
    .framerate = branch->framerate,
    .bitrate = config->bitrate };
  double level = g_ascii_strtod (ph_encoder_get_level (&wish), NULL);
  g_autofree char *codec = g_strdup_printf ("avc1.42C0%02X", (guint)lround (level * 10));

  return branch->encoder != NULL ? g_intern_string (codec) : NULL;
}

/* As asked for or planned, until it was seen once. */
static void
describe_size (PhHlsVariant *variant, const PhFmp4Header *header, const PhBranchPlan *branch,
    const PhStreamConfig *config)
{
  if (header != NULL) {
    variant->codecs = header->codec;
    variant->width = header->width;
    variant->height = header->height;
    variant->framerate = header->framerate;
  } else if (branch != NULL) {
    variant->codecs = predict_codec (branch, config);
    variant->width = branch->width;
    variant->height = branch->height;
    variant->framerate = branch->framerate;
  } else {
    variant->width = config->width;
    variant->height = config->height;
    variant->framerate = config->framerate;
  }
}

void
ph_hls_variant_describe (PhHlsVariant *variant, PhCamera *camera, PhFeed *feed, PhHlsStream *stream)
{
  const char *name = ph_feed_get_name_any (feed);
  const PhStreamConfig *config =
      ph_camera_config_find_stream (ph_camera_get_config (camera), name, PH_CODEC_H264);
  guint64 peak;

  ph_hls_stream_measure (stream, &peak, &variant->average_bandwidth);
  variant->bandwidth = MAX (peak, (guint64)(config->bitrate * 1000 * BITRATE_MARGIN));
  describe_size (variant, ph_hls_stream_get_header (stream),
      ph_plan_find_branch (ph_camera_get_plan (camera), name), config);
}
