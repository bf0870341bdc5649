/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/nearest.h"

static const char *const words[] = { "listen", "port", "segment_duration", "width", "height",
  "password_file", "framerate", "path", NULL };

static const struct {
  const char *text, *nearest;
} rows[] = {
  { "prot", "port" }, /* two letters swapped */
  { "pot", "port" },
  { "ports", "port" },
  { "part", "port" },
  { "hieght", "height" },
  { "heigth", "height" },
  { "lisen", "listen" },
  { "frameRate", "framerate" },
  { "frame_rate", "framerate" },
  { "segment-duration", "segment_duration" },
  { "segmentduration", "segment_duration" },
  { "password", "password_file" }, /* the beginning of it */
  { "port_number", "port" },
  { "seg", "segment_duration" },
  { "poem", NULL }, /* half of it differs */
  { "fps", NULL },
  { "w", NULL },
  { "", NULL },
  { "tls_certificate", NULL },
  { "wxyz", NULL },
  { "ä", NULL },
  { "a text much longer than any key of any table, so never mistyped", NULL },
};

static void
the_nearest_word_is_found_only_when_near (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("\"%s\"", rows[i].text);
    g_assert_cmpstr (ph_nearest_word (rows[i].text, words), ==, rows[i].nearest);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/nearest/rows", the_nearest_word_is_found_only_when_near);
  return g_test_run ();
}
