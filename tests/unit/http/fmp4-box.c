/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/fmp4-box.h"

#include "http/avc.h"

#include <string.h>

typedef struct {
  GBytes *config;
  PhFmp4Track track;
  GArray *units;
} Fixture;

static const guint8 parameter_sets[] = { 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0xda, 0, 0, 1, 0x68, 0xce,
  0x3c, 0x80 };
static const guint8 slice[] = { 0, 0, 0, 1, 0x65, 0x88, 0x84, 0x21 };

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GArray) sets = ph_avc_split (parameter_sets, sizeof parameter_sets);

  f->config = ph_avc_make_config (sets);
  f->track = (PhFmp4Track){ 720, 576, 16, 15, f->config };
  f->units = ph_avc_split (slice, sizeof slice);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_bytes_unref (f->config);
  g_array_unref (f->units);
}

/* The content of the box that path ("moov/trak/tkhd") names, from the byte behind its type on; NULL
 * when there is none. Fails the test when the boxes on the way do not fill their parent. */
static const guint8 *
find_box (const guint8 *data, gsize size, const char *path, gsize *content_size)
{
  gsize offset = 0;
  const guint8 *found = NULL;

  while (offset < size) {
    gsize box_size = GST_READ_UINT32_BE (data + offset);

    g_assert_cmpuint (box_size, >=, 8);
    g_assert_cmpuint (box_size, <=, size - offset);
    if (found == NULL && memcmp (data + offset + 4, path, 4) == 0) {
      found = data + offset + 8;
      *content_size = box_size - 8;
    }
    offset += box_size;
  }
  if (found == NULL || path[4] == '\0')
    return found;
  return find_box (found, *content_size, path + 5, content_size);
}

static const guint8 *
get_box (GBytes *bytes, const char *path, gsize *content_size)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  const guint8 *box = find_box (data, size, path, content_size);

  g_test_message ("looking for %s", path);
  g_assert_nonnull (box);
  return box;
}

static void
the_init_segment_says_what_the_track_is (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) init = ph_fmp4_box_make_init (&f->track);
  gsize size;
  const guint8 *tkhd = get_box (init, "moov/trak/tkhd", &size);
  const guint8 *stsd, *avc1, *avcc;

  g_assert_cmpuint (size, ==, 84);
  g_assert_cmpuint (GST_READ_UINT32_BE (tkhd + 76) >> 16, ==, 768); /* as shown */
  g_assert_cmpuint (GST_READ_UINT32_BE (tkhd + 80) >> 16, ==, 576);
  get_box (init, "moov/mvex/trex", &size);
  g_assert_cmpuint (size, ==, 24);
  stsd = get_box (init, "moov/trak/mdia/minf/stbl/stsd", &size);
  avc1 = find_box (stsd + 8, size - 8, "avc1", &size);
  g_assert_cmpuint (GST_READ_UINT16_BE (avc1 + 24), ==, 720); /* as coded */
  g_assert_cmpuint (GST_READ_UINT16_BE (avc1 + 26), ==, 576);
  g_assert_nonnull (find_box (avc1 + 78, size - 78, "pasp", &(gsize){ 0 }));
  avcc = find_box (avc1 + 78, size - 78, "avcC", &size);
  g_assert_cmpmem (avcc, size, g_bytes_get_data (f->config, NULL), g_bytes_get_size (f->config));
}

static void
a_fragment_points_at_its_payload (Fixture *f, gconstpointer data)
{
  PhFmp4Sample sample = { G_GUINT64_CONSTANT (0x123456789a), 3000, -6000, TRUE, 0, f->units };
  g_autoptr (GBytes) fragment = ph_fmp4_box_make_fragment (&sample, 7);
  const guint8 *start = g_bytes_get_data (fragment, NULL);
  static const guint8 payload[] = { 0, 0, 0, 4, 0x65, 0x88, 0x84, 0x21 };
  gsize size;
  const guint8 *box = get_box (fragment, "moof/mfhd", &size);

  g_assert_cmpuint (GST_READ_UINT32_BE (box + 4), ==, 7);
  box = get_box (fragment, "moof/traf/tfhd", &size);
  g_assert_cmpuint (GST_READ_UINT32_BE (box), ==, 0x020000);
  box = get_box (fragment, "moof/traf/tfdt", &size);
  g_assert_cmpuint (GST_READ_UINT64_BE (box + 4), ==, sample.decode_time);
  box = get_box (fragment, "moof/traf/trun", &size);
  g_assert_cmpuint (size, ==, 28);
  g_assert_cmpuint (GST_READ_UINT32_BE (box + 4), ==, 1);
  g_assert_cmpmem (start + GST_READ_UINT32_BE (box + 8), sizeof payload, payload, sizeof payload);
  g_assert_cmpuint (GST_READ_UINT32_BE (box + 12), ==, 3000);
  g_assert_cmpuint (GST_READ_UINT32_BE (box + 16), ==, sizeof payload);
  g_assert_cmpint ((gint32)GST_READ_UINT32_BE (box + 24), ==, -6000);
  box = get_box (fragment, "mdat", &size);
  g_assert_cmpmem (box, size, payload, sizeof payload);
}

static void
only_a_keyframe_is_a_sync_sample (Fixture *f, gconstpointer data)
{
  for (int is_keyframe = 0; is_keyframe <= 1; is_keyframe++) {
    PhFmp4Sample sample = { 0, 3000, 0, is_keyframe, 0, f->units };
    g_autoptr (GBytes) fragment = ph_fmp4_box_make_fragment (&sample, 1);
    gsize size;
    const guint8 *trun = get_box (fragment, "moof/traf/trun", &size);
    gboolean is_non_sync = (GST_READ_UINT32_BE (trun + 20) & 0x10000) != 0;

    g_assert_cmpint (is_non_sync, ==, !is_keyframe);
  }
}

static void
when_it_was_captured_stands_in_front (Fixture *f, gconstpointer data)
{
  PhFmp4Sample sample = { 90000, 3000, 1500, TRUE, G_GINT64_CONSTANT (1700000000250000), f->units };
  g_autoptr (GBytes) fragment = ph_fmp4_box_make_fragment (&sample, 1);
  const guint8 *moof_box, *prft, *trun;
  gsize size;

  prft = get_box (fragment, "prft", &size);
  g_assert_cmpuint (size, ==, 24);
  g_assert_cmpuint (prft[0], ==, 1);
  g_assert_cmpuint (
      GST_READ_UINT32_BE (prft + 8), ==, G_GUINT64_CONSTANT (1700000000) + 2208988800);
  g_assert_cmpuint (GST_READ_UINT32_BE (prft + 12), ==, 1u << 30);
  g_assert_cmpuint (GST_READ_UINT64_BE (prft + 16), ==, 91500);
  moof_box = prft + size;
  g_assert_cmpmem (moof_box + 4, 4, "moof", 4);
  trun = get_box (fragment, "moof/traf/trun", &size);
  g_assert_cmpmem (moof_box + GST_READ_UINT32_BE (trun + 8), 4, "\0\0\0\4", 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/http/fmp4-box/init", Fixture, NULL, set_up, the_init_segment_says_what_the_track_is,
      tear_down);
  g_test_add ("/http/fmp4-box/prft", Fixture, NULL, set_up, when_it_was_captured_stands_in_front,
      tear_down);
  g_test_add ("/http/fmp4-box/fragment", Fixture, NULL, set_up, a_fragment_points_at_its_payload,
      tear_down);
  g_test_add ("/http/fmp4-box/keyframe", Fixture, NULL, set_up, only_a_keyframe_is_a_sync_sample,
      tear_down);
  return g_test_run ();
}
