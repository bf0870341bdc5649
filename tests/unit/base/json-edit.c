/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json-edit.h"

#include "base/json-text.h"

#include <string.h>

static void
check (char *result, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhJsonText) text =
      result != NULL ? ph_json_text_parse (result, strlen (result), &error) : NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (result, ==, expected);
  g_free (result);
}

/* The examples of RFC 7396, appendix A, that are objects. */
static void
a_merge_is_as_in_the_standard (void)
{
  static const char *const rows[][3] = {
    { "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
    { "{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\", \"b\": \"c\"}" },
    { "{\"a\":\"b\"}", "{\"a\":null}", "{}" },
    { "{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}" },
    { "{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
    { "{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[ \"b\" ]}" },
    { "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}" },
    { "{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[ 1 ]}" },
    { "{\"e\":null}", "{\"a\":1}", "{\"e\":null, \"a\": 1}" },
    { "{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{ \"a\": { \"bb\": {} } }" },
    { "{\"a/b\":{\"~\":1}}", "{\"a/b\":{\"~\":2}}", "{\"a/b\":{\"~\":2}}" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("%s + %s", rows[i][0], rows[i][1]);
    check (ph_json_edit_merge (rows[i][0], "", rows[i][1]), rows[i][2]);
  }
}

static const char settings[] = "// by hand\n"
                               "{\n"
                               "  \"http\": { \"port\": 8081 }, // not 80\n"
                               "  \"cameras\": [\n"
                               "    \"a.json\", /* { } */\n"
                               "    {\n"
                               "      \"name\": \"b\", // [ \"\n"
                               "      \"linger\": 0.2,\n"
                               "      \"title\": \"B\" // last\n"
                               "    }\n"
                               "  ]\n"
                               "}\n";

static char *
change (const char *from, const char *to)
{
  GString *text = g_string_new (settings);

  g_assert_cmpuint (g_string_replace (text, from, to, 1), ==, 1);
  return g_string_free (text, FALSE);
}

static void
what_is_not_changed_stays_as_it_was_written (void)
{
  g_autofree char *ported = change ("8081", "8082");
  g_autofree char *titled = change (
      "\"title\": \"B\" // last\n", "\"title\": \"B\", // last\n      \"anonymous\": true\n");
  g_autofree char *untitled =
      change ("0.2,\n      \"title\": \"B\" // last\n", "0.2\n       // last\n");
  g_autofree char *hasty = change ("      \"linger\": 0.2,\n", "");
  g_autofree char *appended = change ("    }\n  ]", "    },\n    { \"name\": \"c\" }\n  ]");
  g_autofree char *single = change ("\"a.json\", /* { } */", "/* { } */");

  check (ph_json_edit_merge (settings, "", "{\"http\":{\"port\":8082}}"), ported);
  check (ph_json_edit_merge (settings, "/cameras/1", "{\"anonymous\": true}"), titled);
  check (ph_json_edit_merge (settings, "/cameras/1", "{\"title\": null}"), untitled);
  check (ph_json_edit_merge (settings, "/cameras/1", "{\"linger\": null}"), hasty);
  check (ph_json_edit_append (settings, "/cameras", "{\"name\":\"c\"}"), appended);
  check (ph_json_edit_remove (settings, "/cameras/0"), single);
  check (ph_json_edit_remove ("[1, 2, 3]", "/1"), "[1, 3]");
  check (ph_json_edit_remove ("[1, 2, 3]", "/2"), "[1, 2]");
  check (ph_json_edit_remove ("[1]", "/0"), "[]");
}

static void
what_is_new_is_laid_out (void)
{
  check (ph_json_edit_append ("{\n  \"list\": []\n}", "/list",
             "{\"name\":\"front\",\"source\":{\"type\":\"test\",\"width\":1280,\"height\":720},"
             "\"linger\":0.1}"),
      "{\n"
      "  \"list\": [\n"
      "    {\n"
      "      \"name\": \"front\",\n"
      "      \"source\": { \"type\": \"test\", \"width\": 1280, \"height\": 720 },\n"
      "      \"linger\": 0.1\n"
      "    }\n"
      "  ]\n"
      "}");
}

static void
what_is_not_there_is_no_place (void)
{
  g_assert_null (ph_json_edit_merge (settings, "/cameras/0", "{}"));
  g_assert_null (ph_json_edit_merge (settings, "/cameras/2", "{}"));
  g_assert_null (ph_json_edit_merge (settings, "/rtsp", "{}"));
  g_assert_null (ph_json_edit_append (settings, "/http", "1"));
  g_assert_null (ph_json_edit_remove (settings, "/cameras/x"));
  g_assert_null (ph_json_edit_remove (settings, ""));
  g_assert_null (ph_json_edit_remove ("[]", "/0"));
  check (ph_json_edit_dup_value (settings, "/http"), "{ \"port\": 8081 }");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/json-edit/merge", a_merge_is_as_in_the_standard);
  g_test_add_func ("/base/json-edit/rest", what_is_not_changed_stays_as_it_was_written);
  g_test_add_func ("/base/json-edit/layout", what_is_new_is_laid_out);
  g_test_add_func ("/base/json-edit/nothing", what_is_not_there_is_no_place);
  return g_test_run ();
}
