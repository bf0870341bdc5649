/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON text (RFC 8259, with comments) into json-glib's tree. Strict where it matters to somebody
 * who edits settings by hand: every fault has its line and column, and a key given twice is
 * noticed. */
#pragma once

#include <json-glib/json-glib.h>

#define PH_JSON_MAX_DEPTH 32
#define PH_JSON_MAX_BYTES (1024 * 1024)

typedef struct {
  JsonNode *root;
  GHashTable *repeated; /* JsonObject -> GPtrArray of keys it has more than once */
} PhJsonText;

/* Errors: PH_ERROR_SETTINGS, "line L, column C: found X; allowed: Y". */
PhJsonText *ph_json_text_parse (const char *text, gsize length, GError **error);
/* The same for a file of at most PH_JSON_MAX_BYTES; the message does not name the file. Also
 * PH_ERROR_NOT_FOUND. */
PhJsonText *ph_json_text_load (const char *file, GError **error);
void ph_json_text_free (PhJsonText *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhJsonText, ph_json_text_free)

/* Any text, also such as is no UTF-8, in double quotes, cut after some sixty characters, without
 * control characters: safe to show whoever wrote it. Free with g_free. */
char *ph_json_text_quote (const char *text);
