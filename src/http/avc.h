/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* H.264 from the byte stream that feeds deliver (ITU-T H.264 Annex B) to what MP4 stores (ISO/IEC
 * 14496-15, 5.3): NAL units behind their length, parameter sets in a decoder configuration record.
 * Pure functions over bytes that a camera may have made: none of them trusts its input. Any thread.
 */
#pragma once

#include <gst/base/gstbytewriter.h>

typedef struct {
  const guint8 *data; /* from the NAL unit header on; points into the access unit */
  gsize size; /* at least 1 */
} PhAvcUnit;

/* The NAL units of one access unit, in order, without delimiters and filler, which mean nothing in
 * MP4. element-type PhAvcUnit; free with g_array_unref; empty when there is no start code. */
GArray *ph_avc_split (const guint8 *data, gsize size);

/* How many bytes ph_avc_put() appends: each unit behind its length in four bytes. */
gsize ph_avc_get_size (const GArray *units);
void ph_avc_put (GstByteWriter *writer, const GArray *units);

/* AVCDecoderConfigurationRecord of the parameter sets among units; NULL when one kind is missing.
 */
GBytes *ph_avc_make_config (const GArray *units);

/* "avc1.42C01F" (RFC 6381, 3.3) for a record from ph_avc_make_config(); free with g_free. */
char *ph_avc_make_codec_string (GBytes *config);
