/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/man-table.h"

#include <string.h>

typedef struct {
  guint size;
} Inner;

typedef struct {
  Inner *inner;
  char *word;
} Outer;

static const PhField inner_fields[] = {
  { "size", PH_FIELD_UINT, G_STRUCT_OFFSET (Inner, size), "7", "How big", .min = 1, .max = 9 },
  { NULL },
};
static const PhTable inner_table = { "inner", "What is inside", sizeof (Inner), NULL,
  inner_fields };

static const PhField outer_fields[] = {
  { "inner", PH_FIELD_TABLE, G_STRUCT_OFFSET (Outer, inner), "{}", "The inside",
      .table = &inner_table },
  { "word", PH_FIELD_TEXT, G_STRUCT_OFFSET (Outer, word), NULL, "A word", PH_FIELD_REQUIRED,
      .allowed = "a-z" },
  { NULL },
};
static const PhTable outer_table = { "outer", ".all", sizeof (Outer), NULL, outer_fields };

static void
roff_prints_what_stands_there (void)
{
  static const struct {
    const char *text, *escaped;
  } rows[] = {
    { "plain", "plain" },
    { ".TP", "\\&.TP" },
    { "'x'", "\\&\\(aqx\\(aq" },
    { "a\\b", "a\\eb" },
    { "--json", "\\-\\-json" },
    { "^~`", "\\(ha\\(ti\\(ga" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *escaped = ph_man_escape (rows[i].text);

    g_assert_cmpstr (escaped, ==, rows[i].escaped);
  }
}

static void
each_table_has_a_section_and_each_row_a_paragraph (void)
{
  g_autofree char *page = ph_man_table_make (&outer_table);

  g_assert_cmpstr (page, ==,
      ".SS outer\n\\&.all.\n"
      ".TP\n.B inner\nThe inside.\n.br\nAllowed: an object.\n"
      ".TP\n.B word\nA word.\n.br\nAllowed: a\\-z; required.\n"
      ".SS inner\nWhat is inside.\n"
      ".TP\n.B size\nHow big.\n.br\nAllowed: a whole number from 1 to 9; default 7.\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/man-table/escape", roff_prints_what_stands_there);
  g_test_add_func ("/base/man-table/page", each_table_has_a_section_and_each_row_a_paragraph);
  return g_test_run ();
}
