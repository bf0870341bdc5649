/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/fmp4-box.h"

#include "http/avc.h"

#define TRACK_ID 1
#define SECONDS_FROM_1900_TO_1970 G_GUINT64_CONSTANT (2208988800)

/* Where a box begins; its size is filled in when it ends. */
static guint
begin_box (GstByteWriter *writer, const char *type)
{
  guint start = gst_byte_writer_get_pos (writer);

  gst_byte_writer_put_uint32_be (writer, 0);
  gst_byte_writer_put_data (writer, (const guint8 *)type, 4);
  return start;
}

static guint
begin_full_box (GstByteWriter *writer, const char *type, guint8 version, guint32 flags)
{
  guint start = begin_box (writer, type);

  gst_byte_writer_put_uint32_be (writer, (guint32)version << 24 | flags);
  return start;
}

static void
end_box (GstByteWriter *writer, guint start)
{
  guint end = gst_byte_writer_get_pos (writer);

  gst_byte_writer_set_pos (writer, start);
  gst_byte_writer_put_uint32_be (writer, end - start);
  gst_byte_writer_set_pos (writer, end);
}

static void
put_zeros (GstByteWriter *writer, guint n)
{
  gst_byte_writer_fill (writer, 0, n);
}

/* The unity matrix of 14496-12, 8.2.2. */
static void
put_matrix (GstByteWriter *writer)
{
  static const guint32 matrix[] = { 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000 };

  for (guint i = 0; i < G_N_ELEMENTS (matrix); i++)
    gst_byte_writer_put_uint32_be (writer, matrix[i]);
}

static void
put_ftyp (GstByteWriter *writer)
{
  guint box = begin_box (writer, "ftyp");

  gst_byte_writer_put_data (writer, (const guint8 *)"iso6", 4);
  put_zeros (writer, 4); /* minor version */
  gst_byte_writer_put_data (writer, (const guint8 *)"iso6cmfcmp41", 12);
  end_box (writer, box);
}

static void
put_mvhd (GstByteWriter *writer)
{
  guint box = begin_full_box (writer, "mvhd", 0, 0);

  put_zeros (writer, 8); /* created, modified */
  gst_byte_writer_put_uint32_be (writer, PH_FMP4_TIMESCALE);
  put_zeros (writer, 4); /* duration: in the fragments */
  gst_byte_writer_put_uint32_be (writer, 0x10000); /* rate 1.0 */
  gst_byte_writer_put_uint16_be (writer, 0x100); /* volume 1.0 */
  put_zeros (writer, 10);
  put_matrix (writer);
  put_zeros (writer, 24);
  gst_byte_writer_put_uint32_be (writer, TRACK_ID + 1); /* next track */
  end_box (writer, box);
}

static void
put_tkhd (GstByteWriter *writer, const PhFmp4Track *track)
{
  guint box = begin_full_box (writer, "tkhd", 0, 0x3); /* enabled, in movie */
  guint shown_width = (guint64)track->width * track->par_n / track->par_d;

  put_zeros (writer, 8);
  gst_byte_writer_put_uint32_be (writer, TRACK_ID);
  put_zeros (writer, 24); /* reserved, duration, layer, group, volume */
  put_matrix (writer);
  gst_byte_writer_put_uint32_be (writer, shown_width << 16);
  gst_byte_writer_put_uint32_be (writer, track->height << 16);
  end_box (writer, box);
}

static void
put_mdhd (GstByteWriter *writer)
{
  guint box = begin_full_box (writer, "mdhd", 0, 0);

  put_zeros (writer, 8);
  gst_byte_writer_put_uint32_be (writer, PH_FMP4_TIMESCALE);
  put_zeros (writer, 4);
  gst_byte_writer_put_uint16_be (writer, 0x55c4); /* language "und" */
  put_zeros (writer, 2);
  end_box (writer, box);
}

static void
put_hdlr (GstByteWriter *writer)
{
  guint box = begin_full_box (writer, "hdlr", 0, 0);

  put_zeros (writer, 4);
  gst_byte_writer_put_data (writer, (const guint8 *)"vide", 4);
  put_zeros (writer, 12);
  gst_byte_writer_put_string (writer, "video");
  end_box (writer, box);
}

static void
put_dinf (GstByteWriter *writer)
{
  guint dinf = begin_box (writer, "dinf");
  guint dref = begin_full_box (writer, "dref", 0, 0);

  gst_byte_writer_put_uint32_be (writer, 1);
  end_box (writer, begin_full_box (writer, "url ", 0, 0x1)); /* the data is in this file */
  end_box (writer, dref);
  end_box (writer, dinf);
}

static void
put_avc1 (GstByteWriter *writer, const PhFmp4Track *track)
{
  guint avc1 = begin_box (writer, "avc1");
  gsize config_size;
  const guint8 *config = g_bytes_get_data (track->config, &config_size);
  guint box;

  put_zeros (writer, 6);
  gst_byte_writer_put_uint16_be (writer, 1); /* data reference */
  put_zeros (writer, 16);
  gst_byte_writer_put_uint16_be (writer, track->width);
  gst_byte_writer_put_uint16_be (writer, track->height);
  gst_byte_writer_put_uint32_be (writer, 72 << 16); /* dpi, as 14496-12 wants it */
  gst_byte_writer_put_uint32_be (writer, 72 << 16);
  put_zeros (writer, 4);
  gst_byte_writer_put_uint16_be (writer, 1); /* frames per sample */
  put_zeros (writer, 32); /* compressor's name */
  gst_byte_writer_put_uint16_be (writer, 24); /* depth */
  gst_byte_writer_put_uint16_be (writer, 0xffff);
  box = begin_box (writer, "avcC");
  gst_byte_writer_put_data (writer, config, config_size);
  end_box (writer, box);
  if (track->par_n != track->par_d) {
    box = begin_box (writer, "pasp");
    gst_byte_writer_put_uint32_be (writer, track->par_n);
    gst_byte_writer_put_uint32_be (writer, track->par_d);
    end_box (writer, box);
  }
  end_box (writer, avc1);
}

/* The sample table: what the samples are; there are none of them in it. */
static void
put_stbl (GstByteWriter *writer, const PhFmp4Track *track)
{
  static const char *const empty[] = { "stts", "stsc", "stco" };
  guint stbl = begin_box (writer, "stbl");
  guint box = begin_full_box (writer, "stsd", 0, 0);

  gst_byte_writer_put_uint32_be (writer, 1);
  put_avc1 (writer, track);
  end_box (writer, box);
  for (guint i = 0; i < G_N_ELEMENTS (empty); i++) {
    box = begin_full_box (writer, empty[i], 0, 0);
    put_zeros (writer, 4);
    end_box (writer, box);
  }
  box = begin_full_box (writer, "stsz", 0, 0);
  put_zeros (writer, 8);
  end_box (writer, box);
  end_box (writer, stbl);
}

static void
put_trak (GstByteWriter *writer, const PhFmp4Track *track)
{
  guint trak = begin_box (writer, "trak");
  guint mdia, minf, vmhd;

  put_tkhd (writer, track);
  mdia = begin_box (writer, "mdia");
  put_mdhd (writer);
  put_hdlr (writer);
  minf = begin_box (writer, "minf");
  vmhd = begin_full_box (writer, "vmhd", 0, 0x1);
  put_zeros (writer, 8);
  end_box (writer, vmhd);
  put_dinf (writer);
  put_stbl (writer, track);
  end_box (writer, minf);
  end_box (writer, mdia);
  end_box (writer, trak);
}

static void
put_mvex (GstByteWriter *writer)
{
  guint mvex = begin_box (writer, "mvex");
  guint trex = begin_full_box (writer, "trex", 0, 0);

  gst_byte_writer_put_uint32_be (writer, TRACK_ID);
  gst_byte_writer_put_uint32_be (writer, 1); /* sample description */
  put_zeros (writer, 12); /* duration, size and flags: in the fragments */
  end_box (writer, trex);
  end_box (writer, mvex);
}

static GBytes *
take_bytes (GstByteWriter *writer)
{
  gsize size = gst_byte_writer_get_size (writer);

  return g_bytes_new_take (gst_byte_writer_reset_and_get_data (writer), size);
}

GBytes *
ph_fmp4_box_make_init (const PhFmp4Track *track)
{
  GstByteWriter writer;
  guint moov;

  gst_byte_writer_init (&writer);
  put_ftyp (&writer);
  moov = begin_box (&writer, "moov");
  put_mvhd (&writer);
  put_trak (&writer, track);
  put_mvex (&writer);
  end_box (&writer, moov);
  return take_bytes (&writer);
}

/* Sample flags of 14496-12, 8.8.3.1. */
static guint32
make_sample_flags (gboolean is_keyframe)
{
  return is_keyframe ? 0x02000000 /* depends on no other */
                     : 0x01010000 /* depends on others, is no sync sample */;
}

static void
put_traf (GstByteWriter *writer, const PhFmp4Sample *sample, guint32 sample_size, guint *offset_at)
{
  guint traf = begin_box (writer, "traf");
  guint box = begin_full_box (writer, "tfhd", 0, 0x020000); /* offsets are from the moof */

  gst_byte_writer_put_uint32_be (writer, TRACK_ID);
  end_box (writer, box);
  box = begin_full_box (writer, "tfdt", 1, 0);
  gst_byte_writer_put_uint64_be (writer, sample->decode_time);
  end_box (writer, box);
  /* Given: data offset; of each sample duration, size, flags, composition offset (signed). */
  box = begin_full_box (writer, "trun", 1, 0x000f01);
  gst_byte_writer_put_uint32_be (writer, 1);
  *offset_at = gst_byte_writer_get_pos (writer);
  put_zeros (writer, 4);
  gst_byte_writer_put_uint32_be (writer, sample->duration);
  gst_byte_writer_put_uint32_be (writer, sample_size);
  gst_byte_writer_put_uint32_be (writer, make_sample_flags (sample->is_keyframe));
  gst_byte_writer_put_int32_be (writer, sample->composition_offset);
  end_box (writer, box);
  end_box (writer, traf);
}

/* Seconds since 1900 in the upper half, their fraction in the lower (RFC 5905, section 6). */
static guint64
to_ntp_time (gint64 unix_time)
{
  guint64 seconds = unix_time / G_USEC_PER_SEC + SECONDS_FROM_1900_TO_1970;
  guint64 fraction = ((guint64)(unix_time % G_USEC_PER_SEC) << 32) / G_USEC_PER_SEC;

  return seconds << 32 | fraction;
}

/* Producer reference time, 14496-12, 8.16.5; without flags it is that of the encoder's input. */
static void
put_prft (GstByteWriter *writer, const PhFmp4Sample *sample)
{
  guint box = begin_full_box (writer, "prft", 1, 0);

  gst_byte_writer_put_uint32_be (writer, TRACK_ID);
  gst_byte_writer_put_uint64_be (writer, to_ntp_time (sample->captured));
  gst_byte_writer_put_uint64_be (writer, sample->decode_time + sample->composition_offset);
  end_box (writer, box);
}

GBytes *
ph_fmp4_box_make_fragment (const PhFmp4Sample *sample, guint32 sequence)
{
  gsize sample_size = ph_avc_get_size (sample->units);
  GstByteWriter writer;
  guint start, moof, box, offset_at, payload_at;

  gst_byte_writer_init_with_size (&writer, sample_size + 160, FALSE);
  if (sample->captured != 0)
    put_prft (&writer, sample);
  start = gst_byte_writer_get_pos (&writer);
  moof = begin_box (&writer, "moof");
  box = begin_full_box (&writer, "mfhd", 0, 0);
  gst_byte_writer_put_uint32_be (&writer, sequence);
  end_box (&writer, box);
  put_traf (&writer, sample, sample_size, &offset_at);
  end_box (&writer, moof);

  box = begin_box (&writer, "mdat");
  payload_at = gst_byte_writer_get_pos (&writer);
  ph_avc_put (&writer, sample->units);
  end_box (&writer, box);

  gst_byte_writer_set_pos (&writer, offset_at);
  gst_byte_writer_put_uint32_be (&writer, payload_at - start);
  return take_bytes (&writer);
}
