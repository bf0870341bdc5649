/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/qr.h"

#include <qrencode.h>

#define MARGIN 4
/* The colours are set, so that it is the same on a dark terminal: black on white. */
#define BEGIN_LINE "\033[30;107m"
#define END_LINE "\033[0m\n"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (QRcode, QRcode_free)

static gboolean
is_dark (const QRcode *code, int x, int y)
{
  if (x < 0 || y < 0 || x >= code->width || y >= code->width)
    return FALSE;
  return (code->data[y * code->width + x] & 1) != 0;
}

/* Two rows in one line. */
static void
add_line (GString *text, const QRcode *code, int y)
{
  static const char *const blocks[] = { " ", "\u2584", "\u2580", "\u2588" };

  g_string_append (text, BEGIN_LINE);
  for (int x = -MARGIN; x < code->width + MARGIN; x++)
    g_string_append (text, blocks[is_dark (code, x, y) * 2 + is_dark (code, x, y + 1)]);
  g_string_append (text, END_LINE);
}

char *
ph_qr_make_blocks (const char *text)
{
  g_autoptr (QRcode) code = QRcode_encodeString (text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
  GString *lines = NULL;

  if (code == NULL)
    return NULL;
  lines = g_string_new (NULL);
  for (int y = -MARGIN; y < code->width + MARGIN; y += 2)
    add_line (lines, code, y);
  return g_string_free (lines, FALSE);
}

char *
ph_qr_make_path (const char *text, guint *size)
{
  g_autoptr (QRcode) code = QRcode_encodeString (text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
  GString *path = NULL;

  if (code == NULL)
    return NULL;
  path = g_string_new (NULL);
  for (int y = 0; y < code->width; y++)
    for (int x = 0; x < code->width; x++)
      if (is_dark (code, x, y))
        g_string_append_printf (path, "M%d %dh1v1h-1z", x, y);
  *size = code->width;
  return g_string_free (path, FALSE);
}
