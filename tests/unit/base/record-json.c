/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/record-json.h"

typedef struct {
  char *name;
  char *password;
} Key;

typedef struct {
  guint floor;
  guint limit;
  char **words;
  Key *spare;
  GPtrArray *keys;
} Door;

static const PhField key_fields[] = {
  { "name", PH_FIELD_TEXT, G_STRUCT_OFFSET (Key, name), NULL, "Name" },
  { "password", PH_FIELD_TEXT, G_STRUCT_OFFSET (Key, password), NULL, "Password",
      .flags = PH_FIELD_PRIVATE },
  { NULL },
};
static const PhTable key_table = { .name = "key", .size = sizeof (Key), .fields = key_fields };
static const PhField door_fields[] = {
  { "floor", PH_FIELD_UINT, G_STRUCT_OFFSET (Door, floor), "0", "Floor" },
  { "limit", PH_FIELD_UINT, G_STRUCT_OFFSET (Door, limit), NULL, "Limit" },
  { "words", PH_FIELD_TEXTS, G_STRUCT_OFFSET (Door, words), "[]", "Words" },
  { "spare", PH_FIELD_TABLE, G_STRUCT_OFFSET (Door, spare), NULL, "Spare", .table = &key_table },
  { "keys", PH_FIELD_LIST, G_STRUCT_OFFSET (Door, keys), "[]", "Keys", .table = &key_table },
  { NULL },
};
static const PhTable door_table = { .name = "door", .size = sizeof (Door), .fields = door_fields };

static char *
show (const Door *door, PhRecordJsonScope scope)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  ph_record_add_json (builder, &door_table, door, scope);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

static void
no_secret_is_shown_however_deep (void)
{
  char *words[] = { (char *)"a \"word\"", NULL };
  Key one = { (char *)"one", (char *)"secret" };
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  Door door = { .limit = 3, .words = words, .spare = &one, .keys = keys };
  g_autofree char *shown = NULL;
  g_autofree char *whole = NULL;

  g_ptr_array_add (keys, &one);
  shown = show (&door, PH_RECORD_JSON_SHOWN);
  whole = show (&door, PH_RECORD_JSON_WHOLE);
  g_assert_cmpstr (shown, ==,
      "{\"floor\":0,\"limit\":3,\"words\":[\"a \\\"word\\\"\"],"
      "\"spare\":{\"name\":\"one\"},\"keys\":[{\"name\":\"one\"}]}");
  g_assert_cmpstr (whole, ==,
      "{\"floor\":0,\"limit\":3,\"words\":[\"a \\\"word\\\"\"],"
      "\"spare\":{\"name\":\"one\",\"password\":\"secret\"},"
      "\"keys\":[{\"name\":\"one\",\"password\":\"secret\"}]}");
}

static void
what_was_not_given_is_left_out (void)
{
  Door door = { 0 };
  g_autofree char *shown = show (&door, PH_RECORD_JSON_SHOWN);

  g_assert_cmpstr (shown, ==, "{\"floor\":0}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/record-json/secrets", no_secret_is_shown_however_deep);
  g_test_add_func ("/base/record-json/not-given", what_was_not_given_is_left_out);
  return g_test_run ();
}
