/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QR codes (ISO/IEC 18004) of short texts. Any thread. */
#pragma once

#include <glib.h>

/* For a terminal: lines of block elements, with the white margin that readers want; dark on light
 * whatever the terminal's colours are, by escape sequences. NULL: text is too long. Free with
 * g_free. */
char *ph_qr_make_blocks (const char *text);
/* For SVG: the path of all dark squares, each one unit wide, without margin, and in *size how many
 * units the whole is wide and high. NULL: text is too long. Free with g_free. */
char *ph_qr_make_path (const char *text, guint *size);
