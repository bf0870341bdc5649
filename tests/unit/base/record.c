/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/record.h"

#include "base/reader.h"

#include <string.h>

typedef struct {
  guint size;
  char *colour;
} Wheel;

typedef struct {
  char *name;
  double weight;
  gboolean is_old;
  char **words;
  Wheel *spare;
  GPtrArray *wheels;
} Cart;

static const PhField wheel_fields[] = {
  { "size", PH_FIELD_UINT, G_STRUCT_OFFSET (Wheel, size), "1", "Size" },
  { "colour", PH_FIELD_TEXT, G_STRUCT_OFFSET (Wheel, colour), NULL, "Colour" },
  { NULL },
};
static const PhTable wheel_table = {
  .name = "wheel", .size = sizeof (Wheel), .fields = wheel_fields
};
static const PhField cart_fields[] = {
  { "name", PH_FIELD_TEXT, G_STRUCT_OFFSET (Cart, name), NULL, "Name" },
  { "weight", PH_FIELD_DOUBLE, G_STRUCT_OFFSET (Cart, weight), "1.5", "Weight" },
  { "old", PH_FIELD_BOOLEAN, G_STRUCT_OFFSET (Cart, is_old), "false", "Age" },
  { "words", PH_FIELD_TEXTS, G_STRUCT_OFFSET (Cart, words), "[]", "Words" },
  { "spare", PH_FIELD_TABLE, G_STRUCT_OFFSET (Cart, spare), NULL, "Spare", .table = &wheel_table },
  { "wheels", PH_FIELD_LIST, G_STRUCT_OFFSET (Cart, wheels), "[]", "All", .table = &wheel_table },
  { NULL },
};
static const PhTable cart_table = { .name = "cart", .size = sizeof (Cart), .fields = cart_fields };

static Cart *
read_cart (const char *text)
{
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) texts = g_hash_table_new (g_str_hash, g_str_equal);
  PhFileView view = { .texts = texts };
  g_autoptr (PhReader) reader = ph_reader_new (problems, NULL);
  Cart *cart;

  g_hash_table_insert (texts, (gpointer) "/cart.json", (gpointer)text);
  ph_reader_set_view (reader, &view);
  cart = ph_reader_read_file (reader, &cart_table, "/cart.json");
  g_assert_cmpuint (problems->len, ==, 0);
  return cart;
}

static const char whole[] =
    "{ \"name\": \"a\", \"weight\": 2, \"old\": true, \"words\": [\"x\", \"y\"],"
    " \"spare\": { \"size\": 3 }, \"wheels\": [ { \"size\": 1, \"colour\": \"red\" }, {} ] }";

static void
a_copy_is_the_same_and_nothing_is_shared (void)
{
  Cart *cart = read_cart (whole);
  Cart *copy = ph_record_dup (&cart_table, cart);

  g_assert_true (ph_record_is_equal (&cart_table, cart, copy));
  ph_table_free_record (&cart_table, cart);
  g_assert_cmpstr (copy->words[1], ==, "y");
  g_assert_cmpstr (((Wheel *)g_ptr_array_index (copy->wheels, 0))->colour, ==, "red");
  ph_table_free_record (&cart_table, copy);
}

static void
every_difference_is_one (void)
{
  static const char *const others[] = {
    "{ \"name\": \"b\", \"weight\": 2, \"old\": true, \"words\": [\"x\", \"y\"],"
    " \"spare\": { \"size\": 3 }, \"wheels\": [ { \"size\": 1, \"colour\": \"red\" }, {} ] }",
    "{ \"name\": \"a\", \"old\": true, \"words\": [\"x\", \"y\"],"
    " \"spare\": { \"size\": 3 }, \"wheels\": [ { \"size\": 1, \"colour\": \"red\" }, {} ] }",
    "{ \"name\": \"a\", \"weight\": 2, \"words\": [\"x\", \"y\"],"
    " \"spare\": { \"size\": 3 }, \"wheels\": [ { \"size\": 1, \"colour\": \"red\" }, {} ] }",
    "{ \"name\": \"a\", \"weight\": 2, \"old\": true, \"words\": [\"x\"],"
    " \"spare\": { \"size\": 3 }, \"wheels\": [ { \"size\": 1, \"colour\": \"red\" }, {} ] }",
    "{ \"name\": \"a\", \"weight\": 2, \"old\": true, \"words\": [\"x\", \"y\"],"
    " \"wheels\": [ { \"size\": 1, \"colour\": \"red\" }, {} ] }",
    "{ \"name\": \"a\", \"weight\": 2, \"old\": true, \"words\": [\"x\", \"y\"],"
    " \"spare\": { \"size\": 3 }, \"wheels\": [ { \"size\": 1 }, {} ] }",
    "{ \"name\": \"a\", \"weight\": 2, \"old\": true, \"words\": [\"x\", \"y\"],"
    " \"spare\": { \"size\": 3 }, \"wheels\": [ { \"size\": 1, \"colour\": \"red\" } ] }",
  };
  Cart *cart = read_cart (whole);

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++) {
    Cart *other = read_cart (others[i]);

    g_test_message ("%s", others[i]);
    g_assert_false (ph_record_is_equal (&cart_table, cart, other));
    g_assert_cmpint (ph_record_is_equal_but (&cart_table, cart, other, "name"), ==, i == 0);
    ph_table_free_record (&cart_table, other);
  }
  ph_table_free_record (&cart_table, cart);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/record/dup", a_copy_is_the_same_and_nothing_is_shared);
  g_test_add_func ("/base/record/differ", every_difference_is_one);
  return g_test_run ();
}
