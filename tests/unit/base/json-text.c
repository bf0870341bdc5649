/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json-text.h"

#include "base/error.h"

#include <string.h>

static const struct {
  const char *text, *compact;
} sound[] = {
  { "{}", "{}" },
  { " [ 1 , -2.5e1 , true , false , null , \"\" ] ", "[1,-25.0,true,false,null,\"\"]" },
  { "// first\n{ // second\n \"a\": /* third // \n */ 1 }\n// last", "{\"a\":1}" },
  { "\xef\xbb\xbf{}", "{}" },
  { "{\"a//b\":\"/*c*/\"}", "{\"a//b\":\"/*c*/\"}" },
  { "[\"\\u00e4\\ud83d\\ude00\\n\"]", "[\"ä😀\\n\"]" },
  { "[999999999999999]", "[999999999999999]" },
  { "[[[[]]]]", "[[[[]]]]" },
};

static const struct {
  const char *text, *problem;
} faulty[] = {
  { "", "line 1, column 1: found the end of the file; allowed: VALUE" },
  { " // nothing\n", "line 2, column 1: found the end of the file; allowed: VALUE" },
  { "{\n  \"a\": 1,\n}", "line 3, column 1: found \"}\"; allowed: a key in double quotes" },
  { "[1,]", "line 1, column 4: found \"]\"; allowed: VALUE" },
  { "{\"a\" 1}", "line 1, column 6: found \"1\"; allowed: \":\" after a key" },
  { "{\"ä\": 1 \"b\": 2}", "line 1, column 9: found a text; allowed: \",\" or \"}\"" },
  { "{a: 1}", "line 1, column 2: found \"a\"; allowed: a key in double quotes" },
  { "{'a': 1}", "line 1, column 2: found \"'\"; allowed: a key in double quotes" },
  { "{\"a\": 'x'}", "line 1, column 7: found \"'\"; allowed: VALUE" },
  { "[010]", "line 1, column 2: found \"010\"; allowed: VALUE" },
  { "[0x10]", "line 1, column 2: found \"0x10\"; allowed: VALUE" },
  { "[+1]", "line 1, column 2: found \"+1\"; allowed: VALUE" },
  { "[1.5.3]", "line 1, column 2: found \"1.5.3\"; allowed: VALUE" },
  { "[1000000000000000]", "line 1, column 2: found \"1000000000000000\"; allowed: VALUE" },
  { "[True]", "line 1, column 2: found \"True\"; allowed: VALUE" },
  { "[NaN]", "line 1, column 2: found \"NaN\"; allowed: VALUE" },
  { "[1", "line 1, column 3: found the end of the file; allowed: \",\" or \"]\"" },
  { "{\"a\": 1", "line 1, column 8: found the end of the file; allowed: \",\" or \"}\"" },
  { "{}{}", "line 1, column 3: found \"{\"; allowed: the end of the file" },
  { "{} x", "line 1, column 4: found \"x\"; allowed: the end of the file" },
  { "var a = {};", "line 1, column 1: found \"var\"; allowed: VALUE" },
  { "[\"open]", "line 1, column 2: found a text that is not ended, or has a wrong escape in it; "
                "allowed: VALUE" },
  { "[\"two\nlines\"]", "line 1, column 2: found a text that is not ended, or has a wrong escape "
                        "in it; allowed: VALUE" },
  { "[\"\\q\"]", "line 1, column 2: found a text that is not ended, or has a wrong escape in it; "
                 "allowed: VALUE" },
  { "[\"\\u0000\"]", "line 1, column 2: found a text that is not ended, or has a wrong escape in "
                     "it; allowed: VALUE" },
  { "[\"\\ud800\"]", "line 1, column 2: found a text with half a surrogate pair; allowed: a whole "
                     "character" },
  { "{ /* open", "line 1, column 3: found \"/\"; allowed: a key in double quotes" },
  { "{\n \"a\": \"\xe4\"}",
      "line 2, column 8: found bytes that are not UTF-8; allowed: UTF-8 text" },
};

static void
sound_text_is_read (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sound); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (PhJsonText) text =
        ph_json_text_parse (sound[i].text, strlen (sound[i].text), &error);
    g_autofree char *compact = NULL;

    g_assert_no_error (error);
    compact = json_to_string (text->root, FALSE);
    g_assert_cmpstr (compact, ==, sound[i].compact);
  }
}

static void
faults_are_told_with_line_and_column (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (faulty); i++) {
    g_auto (GStrv) parts = g_strsplit (faulty[i].problem, "VALUE", -1);
    g_autofree char *expected = g_strjoinv (
        "an object, a list, a text in double quotes, a number, true, false or null", parts);
    g_autoptr (GError) error = NULL;
    g_autoptr (PhJsonText) text =
        ph_json_text_parse (faulty[i].text, strlen (faulty[i].text), &error);

    g_test_message ("row %" G_GSIZE_FORMAT, i);
    g_assert_null (text);
    g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
    g_assert_cmpstr (error->message, ==, expected);
  }
}

static void
a_byte_of_zero_is_a_fault (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ph_json_text_parse ("{}\0{}", 5, &error));
  g_assert_cmpstr (
      error->message, ==, "line 1, column 3: found bytes that are not UTF-8; allowed: UTF-8 text");
}

static void
deep_nesting_is_refused_and_harmless (void)
{
  g_autofree char *deep = g_strnfill (PH_JSON_MAX_BYTES, '[');
  g_autoptr (GError) error = NULL;

  g_assert_null (ph_json_text_parse (deep, PH_JSON_MAX_BYTES, &error));
  g_assert_cmpstr (error->message, ==,
      "line 1, column 33: found objects and lists nested deeper than 32; allowed: fewer");
}

static void
keys_given_twice_are_noted_for_their_object (void)
{
  static const char twice[] = "{\"a\":{\"x\":1,\"x\":2,\"x\":3},\"b\":{\"x\":1},\"c\":1,\"c\":2}";
  g_autoptr (PhJsonText) text = ph_json_text_parse (twice, strlen (twice), NULL);
  JsonObject *root = json_node_get_object (text->root);
  GPtrArray *of_root = g_hash_table_lookup (text->repeated, root);
  GPtrArray *of_a = g_hash_table_lookup (text->repeated, json_object_get_object_member (root, "a"));

  g_assert_cmpuint (g_hash_table_size (text->repeated), ==, 2);
  g_assert_cmpuint (of_root->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (of_root, 0), ==, "c");
  g_assert_cmpuint (of_a->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (of_a, 0), ==, "x");
}

static void
what_is_shown_is_short_and_without_control_characters (void)
{
  g_autofree char *quoted = ph_json_text_quote ("a\033[31m\nä");
  g_autofree char *broken = ph_json_text_quote ("a\xe2");
  g_autofree char *many = g_strnfill (1000, 'x');
  g_autofree char *cut = ph_json_text_quote (many);

  g_assert_cmpstr (quoted, ==, "\"a\\u001b[31m\\u000aä\"");
  g_assert_cmpstr (broken, ==, "\"a\uFFFD\"");
  g_assert_cmpint (g_utf8_strlen (cut, -1), ==, 63);
  g_assert_true (g_str_has_suffix (cut, "x…\""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/json-text/sound", sound_text_is_read);
  g_test_add_func ("/base/json-text/faulty", faults_are_told_with_line_and_column);
  g_test_add_func ("/base/json-text/zero", a_byte_of_zero_is_a_fault);
  g_test_add_func ("/base/json-text/deep", deep_nesting_is_refused_and_harmless);
  g_test_add_func ("/base/json-text/twice", keys_given_twice_are_noted_for_their_object);
  g_test_add_func ("/base/json-text/quote", what_is_shown_is_short_and_without_control_characters);
  return g_test_run ();
}
