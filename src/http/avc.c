/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/avc.h"

#include <gst/base/gstbitreader.h>
#include <gst/base/gstbytereader.h>

enum { UNIT_SPS = 7, UNIT_PPS = 8, UNIT_DELIMITER = 9, UNIT_FILLER = 12 };

#define LENGTH_SIZE 4

static guint8
get_type (const PhAvcUnit *unit)
{
  return unit->data[0] & 0x1f;
}

/* Offset of the next 00 00 01 in data from `from` on; size when there is none. */
static gsize
find_start_code (const guint8 *data, gsize size, gsize from)
{
  GstByteReader reader;
  guint offset;

  if (size - from < 4)
    return size;
  gst_byte_reader_init (&reader, data, size);
  offset = gst_byte_reader_masked_scan_uint32 (&reader, 0xffffff00, 0x00000100, from, size - from);
  return offset == G_MAXUINT ? size : offset;
}

GArray *
ph_avc_split (const guint8 *data, gsize size)
{
  GArray *units = g_array_new (FALSE, FALSE, sizeof (PhAvcUnit));
  gsize start = size <= G_MAXINT32 ? find_start_code (data, size, 0) : size;

  while (start < size) {
    gsize next = find_start_code (data, size, start + 3);
    PhAvcUnit unit = { data + start + 3, next - start - 3 };

    /* The zero byte of a four byte start code, and trailing zeros (H.264 B.1.1). */
    while (unit.size > 0 && unit.data[unit.size - 1] == 0)
      unit.size--;
    if (unit.size > 0 && get_type (&unit) != UNIT_DELIMITER && get_type (&unit) != UNIT_FILLER)
      g_array_append_val (units, unit);
    start = next;
  }
  return units;
}

gsize
ph_avc_get_size (const GArray *units)
{
  gsize size = 0;

  for (guint i = 0; i < units->len; i++)
    size += LENGTH_SIZE + g_array_index (units, PhAvcUnit, i).size;
  return size;
}

void
ph_avc_put (GstByteWriter *writer, const GArray *units)
{
  for (guint i = 0; i < units->len; i++) {
    const PhAvcUnit *unit = &g_array_index (units, PhAvcUnit, i);

    gst_byte_writer_put_uint32_be (writer, unit->size);
    gst_byte_writer_put_data (writer, unit->data, unit->size);
  }
}

static guint
count_units (const GArray *units, guint8 type)
{
  guint n = 0;

  for (guint i = 0; i < units->len; i++)
    n += get_type (&g_array_index (units, PhAvcUnit, i)) == type;
  return n;
}

static const PhAvcUnit *
find_unit (const GArray *units, guint8 type)
{
  for (guint i = 0; i < units->len; i++) {
    const PhAvcUnit *unit = &g_array_index (units, PhAvcUnit, i);

    if (get_type (unit) == type)
      return unit;
  }
  return NULL;
}

static void
put_units (GstByteWriter *writer, const GArray *units, guint8 type)
{
  for (guint i = 0; i < units->len; i++) {
    const PhAvcUnit *unit = &g_array_index (units, PhAvcUnit, i);

    if (get_type (unit) == type) {
      gst_byte_writer_put_uint16_be (writer, unit->size);
      gst_byte_writer_put_data (writer, unit->data, unit->size);
    }
  }
}

/* ue(v), H.264 9.1; 0 past the end. */
static guint32
read_exp_golomb (GstBitReader *reader)
{
  guint n_zeros = 0;
  guint8 bit = 0;
  guint32 rest = 0;

  while (gst_bit_reader_get_bits_uint8 (reader, &bit, 1) && bit == 0 && n_zeros < 31)
    n_zeros++;
  if (bit == 0 || !gst_bit_reader_get_bits_uint32 (reader, &rest, n_zeros))
    return 0;
  return (1u << n_zeros) - 1 + rest;
}

/* What records of the High profiles have at their end (ISO/IEC 14496-15, 5.3.3.1.2). */
static void
put_high_profile (GstByteWriter *writer, const PhAvcUnit *sps)
{
  GstBitReader reader;
  guint32 chroma_format;

  gst_bit_reader_init (&reader, sps->data + 4, sps->size - 4);
  read_exp_golomb (&reader); /* seq_parameter_set_id */
  chroma_format = read_exp_golomb (&reader);
  if (chroma_format == 3)
    gst_bit_reader_skip (&reader, 1); /* separate_colour_plane_flag */
  gst_byte_writer_put_uint8 (writer, 0xfc | (chroma_format & 3));
  gst_byte_writer_put_uint8 (writer, 0xf8 | (read_exp_golomb (&reader) & 7)); /* luma depth - 8 */
  gst_byte_writer_put_uint8 (writer, 0xf8 | (read_exp_golomb (&reader) & 7)); /* chroma */
  gst_byte_writer_put_uint8 (writer, 0); /* no SPS extensions */
}

static GBytes *
take_bytes (GstByteWriter *writer)
{
  gsize size = gst_byte_writer_get_size (writer);

  return g_bytes_new_take (gst_byte_writer_reset_and_get_data (writer), size);
}

static gboolean
is_high_profile (guint8 profile)
{
  return profile == 100 || profile == 110 || profile == 122 || profile == 144 || profile == 244;
}

GBytes *
ph_avc_make_config (const GArray *units)
{
  const PhAvcUnit *sps = find_unit (units, UNIT_SPS);
  guint n_sps = count_units (units, UNIT_SPS);
  guint n_pps = count_units (units, UNIT_PPS);
  GstByteWriter writer;

  if (sps == NULL || sps->size < 5 || n_sps > 31 || n_pps == 0 || n_pps > 255)
    return NULL;
  for (guint i = 0; i < units->len; i++) {
    const PhAvcUnit *unit = &g_array_index (units, PhAvcUnit, i);

    if (unit->size > G_MAXUINT16 && (get_type (unit) == UNIT_SPS || get_type (unit) == UNIT_PPS))
      return NULL;
  }

  gst_byte_writer_init (&writer);
  gst_byte_writer_put_uint8 (&writer, 1); /* version */
  gst_byte_writer_put_data (&writer, sps->data + 1, 3); /* profile, constraints, level */
  gst_byte_writer_put_uint8 (&writer, 0xfc | (LENGTH_SIZE - 1));
  gst_byte_writer_put_uint8 (&writer, 0xe0 | n_sps);
  put_units (&writer, units, UNIT_SPS);
  gst_byte_writer_put_uint8 (&writer, n_pps);
  put_units (&writer, units, UNIT_PPS);
  if (is_high_profile (sps->data[1]))
    put_high_profile (&writer, sps);
  return take_bytes (&writer);
}

char *
ph_avc_make_codec_string (GBytes *config)
{
  const guint8 *data = g_bytes_get_data (config, NULL);

  return g_strdup_printf ("avc1.%02X%02X%02X", data[1], data[2], data[3]);
}
