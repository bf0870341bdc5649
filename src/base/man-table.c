/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/man-table.h"

char *
ph_man_escape (const char *text)
{
  GString *escaped = g_string_new (NULL);

  /* groff_char(7): these would be a request, an escape or a typographic character. */
  if (*text == '.' || *text == '\'')
    g_string_append (escaped, "\\&");
  for (const char *p = text; *p != '\0'; p++) {
    switch (*p) {
    case '\\':
      g_string_append (escaped, "\\e");
      break;
    case '-':
      g_string_append (escaped, "\\-");
      break;
    case '\'':
      g_string_append (escaped, "\\(aq");
      break;
    case '^':
      g_string_append (escaped, "\\(ha");
      break;
    case '~':
      g_string_append (escaped, "\\(ti");
      break;
    case '`':
      g_string_append (escaped, "\\(ga");
      break;
    default:
      g_string_append_c (escaped, *p);
    }
  }
  return g_string_free (escaped, FALSE);
}

/* "h264", "test or launch"; NULL: in all */
static char *
describe_variants (const PhTable *table, const PhField *field)
{
  const PhField *discriminator = ph_table_get_discriminator (table);
  GString *text = NULL;

  if (field->variants == 0)
    return NULL;
  text = g_string_new (NULL);
  for (int i = 0; discriminator->choices[i] != NULL; i++)
    if (ph_field_is_in_variant (field, i))
      g_string_append_printf (
          text, "%s\"%s\"", text->len > 0 ? " or " : "", discriminator->choices[i]);
  return g_string_free (text, FALSE);
}

static void
append_key (GString *page, const PhTable *table, const PhField *field)
{
  g_autofree char *key = ph_man_escape (field->key);
  g_autofree char *allowed = ph_field_describe_allowed (field);
  g_autofree char *variants = describe_variants (table, field);
  gboolean has_short_preset = field->preset != NULL && field->table == NULL;
  g_autoptr (GString) facts = g_string_new (allowed);
  g_autofree char *escaped_facts = NULL;
  g_autofree char *help = ph_man_escape (field->help);

  if ((field->flags & PH_FIELD_REQUIRED) != 0)
    g_string_append (facts, "; required");
  if (variants != NULL)
    g_string_append_printf (facts, "; only with %s %s", table->discriminator, variants);
  if (field->needs != NULL)
    g_string_append_printf (facts, "; only together with %s", field->needs);
  if (has_short_preset)
    g_string_append_printf (facts, "; default %s", field->preset);
  escaped_facts = ph_man_escape (facts->str);
  g_string_append_printf (page, ".TP\n.B %s\n%s.\n.br\nAllowed: %s.\n", key, help, escaped_facts);
}

static void
append_table (GString *page, const PhTable *table, GHashTable *seen)
{
  g_autofree char *help = ph_man_escape (table->help);

  if (!g_hash_table_add (seen, (gpointer)table))
    return;
  g_string_append_printf (page, ".SS %s\n%s.\n", table->name, help);
  for (const PhField *field = table->fields; field->key != NULL; field++)
    append_key (page, table, field);
  for (const PhField *field = table->fields; field->key != NULL; field++)
    if (field->table != NULL)
      append_table (page, field->table, seen);
}

char *
ph_man_table_make (const PhTable *table)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GString *page = g_string_new (NULL);

  append_table (page, table, seen);
  return g_string_free (page, FALSE);
}
