/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes JSON text where it changes, and leaves the rest as somebody wrote it: comments, the order
 * of keys, spaces. All texts must have been parsed by base/json-text.h without a fault. Any thread.
 *
 * A place is a JSON Pointer (RFC 6901): "" is the whole, "/cameras/0" the first item of a list;
 * "~0" and "~1" stand for "~" and "/". */
#pragma once

#include <glib.h>

/* The text with patch, an object, merged into the object at place, by RFC 7396. Free with g_free.
 * NULL: there is no object at place. */
char *ph_json_edit_merge (const char *text, const char *place, const char *patch);
/* The text with value at the end of the list at place. Free with g_free. NULL: there is no list. */
char *ph_json_edit_append (const char *text, const char *place, const char *value);
/* The text without what is at place, a member or an item. Free with g_free. NULL: there is nothing.
 */
char *ph_json_edit_remove (const char *text, const char *place);

/* What is at place, as it stands there. Free with g_free. NULL: there is nothing. */
char *ph_json_edit_dup_value (const char *text, const char *place);
