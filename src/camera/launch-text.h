/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pieces of gst-launch-1.0 text. Whatever comes from settings goes through ph_launch_quote(), so
 * that no value can become an element, a link or another property. Any thread. */
#pragma once

#include <glib.h>

/* value as it may stand behind "property=" for a property of type string, in double quotes; free
 * with g_free. What the parser of GStreamer has no spelling for (control characters, a backslash at
 * the end, bytes that are not UTF-8) gives NULL and PH_ERROR_UNSUPPORTED; the value is not shown in
 * the message. */
char *ph_launch_quote (const char *value, GError **error);

/* Appends ` name="value"`; FALSE and nothing appended when value cannot be quoted. */
gboolean ph_launch_append_property (
    GString *text, const char *name, const char *value, GError **error);

/* framerate as a fraction for caps, "30/1", "30000/1001"; free with g_free. */
char *ph_launch_framerate (double framerate);

/* text as the arguments of gst-launch-1.0 in a POSIX shell, each word quoted where it must be; free
 * with g_free. */
char *ph_launch_to_shell (const char *text);
