/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/qr.h"

#include <string.h>

#define URL "https://front.example:8443/reach/0123456789abcdefABCDEF"
#define MARGIN 4

/* The squares of path, each "Mx yh1v1h-1z". Free with g_free. */
static gboolean *
read_path (const char *path, guint size)
{
  gboolean *squares = g_new0 (gboolean, size * size);

  while (*path != '\0') {
    char *end = NULL;
    guint64 x = g_ascii_strtoull (path + 1, &end, 10), y = g_ascii_strtoull (end + 1, &end, 10);

    g_assert_true (*path == 'M' && x < size && y < size);
    g_assert_true (g_str_has_prefix (end, "h1v1h-1z"));
    squares[y * size + x] = TRUE;
    path = end + strlen ("h1v1h-1z");
  }
  return squares;
}

/* The three marks in the corners that readers look for (ISO/IEC 18004, section 6.3.3): a ring, a
 * white one in it, and a dark middle. */
static void
assert_mark (const gboolean *squares, guint size, guint left, guint top)
{
  for (guint y = 0; y < 7; y++)
    for (guint x = 0; x < 7; x++) {
      gboolean is_ring = x == 0 || x == 6 || y == 0 || y == 6;
      gboolean is_middle = x >= 2 && x <= 4 && y >= 2 && y <= 4;

      g_assert_cmpint (squares[(top + y) * size + left + x], ==, is_ring || is_middle);
    }
}

static void
the_path_is_a_code_with_its_three_marks (void)
{
  guint size = 0;
  g_autofree char *path = ph_qr_make_path (URL, &size);
  g_autofree gboolean *squares = read_path (path, size);

  g_assert_cmpuint (size % 4, ==, 1);
  g_assert_cmpuint (size, >=, 21);
  assert_mark (squares, size, 0, 0);
  assert_mark (squares, size, size - 7, 0);
  assert_mark (squares, size, 0, size - 7);
}

static gboolean
is_dark (char **lines, guint x, guint y)
{
  /* Behind the escape sequence; every character but the space is three bytes long. */
  const char *at = strchr (lines[(y + MARGIN) / 2], 'm') + 1;
  gboolean is_upper = (y + MARGIN) % 2 == 0;

  for (guint i = 0; i < x + MARGIN; i++)
    at = g_utf8_next_char (at);
  return g_str_has_prefix (at, "\u2588") || g_str_has_prefix (at, is_upper ? "\u2580" : "\u2584");
}

static void
the_blocks_of_a_terminal_are_the_same_code (void)
{
  guint size = 0;
  g_autofree char *path = ph_qr_make_path (URL, &size);
  g_autofree gboolean *squares = read_path (path, size);
  g_autofree char *blocks = ph_qr_make_blocks (URL);
  g_auto (GStrv) lines = g_strsplit (blocks, "\n", -1);

  g_assert_true (g_utf8_validate (blocks, -1, NULL));
  g_assert_cmpuint (g_strv_length (lines), ==, (size + 2 * MARGIN + 1) / 2 + 1);
  for (guint y = 0; y < size; y++)
    for (guint x = 0; x < size; x++)
      g_assert_cmpint (is_dark (lines, x, y), ==, squares[y * size + x]);
}

static void
a_text_that_is_too_long_is_no_code (void)
{
  g_autofree char *text = g_strnfill (5000, 'x');
  guint size = 0;

  g_assert_null (ph_qr_make_path (text, &size));
  g_assert_null (ph_qr_make_blocks (text));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/qr/path", the_path_is_a_code_with_its_three_marks);
  g_test_add_func ("/base/qr/blocks", the_blocks_of_a_terminal_are_the_same_code);
  g_test_add_func ("/base/qr/too-long", a_text_that_is_too_long_is_no_code);
  return g_test_run ();
}
