/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/allowance.h"
#include "camera/home-networks.h"
#include "camera/viewers.h"

static void
at_80_percent_saving_begins (void)
{
  const guint64 gb = 1000000000;

  g_assert_cmpint (ph_allowance_judge_any (0, 100 * gb), ==, PH_ALLOWANCE_NONE);
  g_assert_cmpint (ph_allowance_judge_any (10, 0), ==, PH_ALLOWANCE_FREE);
  g_assert_cmpint (ph_allowance_judge_any (10, 8 * gb - 1), ==, PH_ALLOWANCE_FREE);
  g_assert_cmpint (ph_allowance_judge_any (10, 8 * gb), ==, PH_ALLOWANCE_SAVING);
  g_assert_cmpint (ph_allowance_judge_any (10, 10 * gb - 1), ==, PH_ALLOWANCE_SAVING);
  g_assert_cmpint (ph_allowance_judge_any (10, 10 * gb), ==, PH_ALLOWANCE_EXCEEDED);
}

static void
outside_is_who_comes_over_the_internet (void)
{
  static const char *const outside[] = { "203.0.113.7", "172.32.0.1", "2001:db8::1",
    "::ffff:203.0.113.7" };
  static const char *const at_home[] = { "198.51.100.9", "2001:db8:1:2::1", "::ffff:198.51.100.9" };
  static const char *const inside[] = { "127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1",
    "169.254.3.4", "fe80::1", "fd12:3456::1", "fc00::1", "::ffff:192.168.1.1", "0.0.0.0",
    "somebody" };

  g_autoptr (GPtrArray) home = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (home, g_inet_address_mask_new_from_string ("198.51.100.0/24", NULL));
  g_ptr_array_add (home, g_inet_address_mask_new_from_string ("2001:db8:1:2::/64", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++) {
    g_assert_true (ph_allowance_is_outside_any (outside[i], NULL));
    g_assert_true (ph_allowance_is_outside_any (outside[i], home));
  }
  for (guint i = 0; i < G_N_ELEMENTS (inside); i++)
    g_assert_false (ph_allowance_is_outside_any (inside[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (at_home); i++) {
    g_assert_true (ph_allowance_is_outside_any (at_home[i], NULL));
    g_assert_false (ph_allowance_is_outside_any (at_home[i], home));
  }
}

static void
this_machine_is_at_home_in_its_networks (void)
{
  g_autoptr (GPtrArray) home = ph_home_networks_list_any ();
  gboolean has_loopback = FALSE;

  for (guint i = 0; i < home->len; i++) {
    GInetAddressMask *network = g_ptr_array_index (home, i);
    g_autofree char *text = g_inet_address_mask_to_string (network);

    g_assert_cmpuint (g_inet_address_mask_get_length (network), >, 0);
    has_loopback = has_loopback || g_str_equal (text, "127.0.0.0/8");
  }
  g_assert_true (has_loopback);
}

static void
the_smallest_stream_has_the_fewest_pixels (void)
{
  PhSourceConfig source = { .width = 1920, .height = 1080 };
  PhStreamConfig streams[] = {
    { .name = (char *)"main", .codec = PH_CODEC_H264, .bitrate = 100 },
    { .name = (char *)"sub", .codec = PH_CODEC_H264, .width = 640, .height = 360, .bitrate = 500 },
    { .name = (char *)"low", .codec = PH_CODEC_H264, .width = 640, .height = 360, .bitrate = 200 },
    { .name = (char *)"jpeg", .codec = PH_CODEC_JPEG, .width = 160, .height = 90 },
  };
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  PhCameraConfig camera = { .source = &source, .streams = list };

  g_assert_null (ph_allowance_find_smallest_any (&camera));
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    g_ptr_array_add (list, &streams[i]);
  g_assert_cmpstr (ph_allowance_find_smallest_any (&camera)->name, ==, "low");
  g_ptr_array_remove_range (list, 0, 3);
  g_assert_cmpstr (ph_allowance_find_smallest_any (&camera)->name, ==, "jpeg");
}

static void
end (gpointer data)
{
}

static void
those_outside_count_also_when_they_have_left (void)
{
  static const PhViewerServer server = { .end = end };
  g_autoptr (PhViewers) viewers = ph_viewers_new ();
  PhViewerInfo info = { .kind = PH_VIEWER_MP4, .peer = (char *)"203.0.113.7" };
  PhViewer *outside = ph_viewers_add_any (viewers, &info, &server, NULL);
  g_autoptr (GPtrArray) home = g_ptr_array_new_with_free_func (g_object_unref);
  PhViewer *inside;

  info.peer = (char *)"192.168.1.2";
  inside = ph_viewers_add_any (viewers, &info, &server, NULL);
  ph_viewer_note_sent_any (outside, 1000);
  ph_viewer_note_sent_any (inside, 50);
  g_assert_cmpuint (ph_viewers_count_outside (viewers), ==, 1000);
  ph_viewer_leave_any (outside);
  ph_viewer_leave_any (inside);
  ph_viewers_note_guest_any (viewers, "2001:db8::1", 7);
  ph_viewers_note_guest_any (viewers, "::1", 900);
  g_assert_cmpuint (ph_viewers_count_outside (viewers), ==, 1007);
  g_assert_false (ph_viewers_must_save_any (viewers, "203.0.113.7"));
  ph_viewers_set_saving_any (viewers, TRUE);
  g_assert_true (ph_viewers_must_save_any (viewers, "203.0.113.7"));
  g_assert_false (ph_viewers_must_save_any (viewers, "192.168.1.2"));
  g_ptr_array_add (home, g_inet_address_mask_new_from_string ("203.0.113.0/24", NULL));
  ph_viewers_set_home_any (viewers, home);
  g_assert_false (ph_viewers_must_save_any (viewers, "203.0.113.7"));
  g_assert_true (ph_viewers_must_save_any (viewers, "2001:db8::1"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/camera/allowance/judge", at_80_percent_saving_begins);
  g_test_add_func ("/camera/allowance/outside", outside_is_who_comes_over_the_internet);
  g_test_add_func ("/camera/allowance/home", this_machine_is_at_home_in_its_networks);
  g_test_add_func ("/camera/allowance/smallest", the_smallest_stream_has_the_fewest_pixels);
  g_test_add_func ("/camera/allowance/count", those_outside_count_also_when_they_have_left);
  return g_test_run ();
}
