/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json-edit.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define LONGEST_LINE 80

/* A member of an object, or an item of a list. */
typedef struct {
  const char *start; /* of the key, or of an item's value */
  char *key; /* nullable; owned */
  const char *value, *end;
  const char *comma; /* behind it; NULL: it is the last */
} Item;

typedef struct {
  GArray *items; /* element-type Item */
  const char *open, *close; /* its brackets */
} Container;

/* ---- reading --------------------------------------------------------------------------------- */

static const char *
skip_blank (const char *p)
{
  for (;;) {
    p += strspn (p, " \t\r\n");
    if (g_str_has_prefix (p, "//"))
      p += strcspn (p, "\n");
    else if (g_str_has_prefix (p, "/*"))
      p = strstr (p, "*/") + 2;
    else
      return p;
  }
}

static const char *
skip_text (const char *p)
{
  for (p++; *p != '"'; p++)
    if (*p == '\\')
      p++;
  return p + 1;
}

static const char *
skip_value (const char *p)
{
  guint depth = 0;

  do {
    p = skip_blank (p);
    if (*p == '"') {
      p = skip_text (p);
    } else if (strchr ("{[", *p) != NULL) {
      depth++;
      p++;
    } else if (strchr ("}]", *p) != NULL) {
      depth--;
      p++;
    } else if (strchr (",:", *p) != NULL) {
      p++;
    } else {
      p += strcspn (p, " \t\r\n,:/{}[]\"");
    }
  } while (depth > 0);
  return p;
}

static char *
read_key (const char *start, const char *end)
{
  g_autofree char *token = g_strndup (start, end - start);
  g_autoptr (JsonNode) node = json_from_string (token, NULL);

  return g_strdup (json_node_get_string (node));
}

static Item
read_item (const char *p, gboolean has_key)
{
  Item item = { .start = p, .value = p };

  if (has_key) {
    const char *end = skip_text (p);

    item.key = read_key (p, end);
    item.value = skip_blank (skip_blank (end) + 1);
  }
  item.end = skip_value (item.value);
  p = skip_blank (item.end);
  item.comma = *p == ',' ? p : NULL;
  return item;
}

static void
clear_item (gpointer item)
{
  g_free (((Item *)item)->key);
}

static void
container_clear (Container *self)
{
  g_clear_pointer (&self->items, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Container, container_clear)

/* value: at its open bracket. */
static Container
read_container (const char *value)
{
  Container self = { .items = g_array_new (FALSE, FALSE, sizeof (Item)), .open = value };
  const char *p = skip_blank (value + 1);

  g_array_set_clear_func (self.items, clear_item);
  while (*p != '}' && *p != ']') {
    Item item = read_item (p, *value == '{');

    p = skip_blank (item.comma != NULL ? item.comma + 1 : item.end);
    g_array_append_val (self.items, item);
  }
  self.close = p;
  return self;
}

static Item *
get_item (const Container *self, guint index)
{
  return &g_array_index (self->items, Item, index);
}

/* -1: there is none. */
static int
find_index (const Container *self, const char *name)
{
  guint64 index;

  if (*self->open == '[')
    return g_ascii_string_to_unsigned (
               name, 10, 0, self->items->len == 0 ? 0 : self->items->len - 1, &index, NULL) &&
                   self->items->len > 0
               ? (int)index
               : -1;
  for (guint i = 0; i < self->items->len; i++)
    if (g_str_equal (get_item (self, i)->key, name))
      return (int)i;
  return -1;
}

static char *
unescape (const char *step)
{
  GString *name = g_string_new (step);

  g_string_replace (name, "~1", "/", 0);
  g_string_replace (name, "~0", "~", 0);
  return g_string_free (name, FALSE);
}

/* The value at the first n_steps of steps; NULL: there is none. */
static const char *
find_value (const char *text, char **steps, guint n_steps)
{
  const char *value = skip_blank (g_str_has_prefix (text, "\xef\xbb\xbf") ? text + 3 : text);

  for (guint i = 0; i < n_steps; i++) {
    g_autofree char *name = unescape (steps[i]);
    g_auto (Container) container = { 0 };
    int index;

    if (*value != '{' && *value != '[')
      return NULL;
    container = read_container (value);
    index = find_index (&container, name);
    if (index < 0)
      return NULL;
    value = get_item (&container, index)->value;
  }
  return value;
}

/* Without the empty step in front of the first "/". */
static char **
split (const char *place)
{
  return g_strsplit (*place == '/' ? place + 1 : place, "/", -1);
}

static const char *
find_place (const char *text, const char *place)
{
  g_auto (GStrv) steps = split (place);

  return find_value (text, steps, g_strv_length (steps));
}

/* ---- layout ---------------------------------------------------------------------------------- */

static void
append_inline (GString *out, const char *value)
{
  g_auto (Container) container = { 0 };

  if (*value != '{' && *value != '[') {
    g_string_append_len (out, value, skip_value (value) - value);
    return;
  }
  container = read_container (value);
  g_string_append_c (out, *value);
  for (guint i = 0; i < container.items->len; i++) {
    const Item *item = get_item (&container, i);

    g_string_append (out, i > 0 ? ", " : " ");
    if (item->key != NULL) {
      g_string_append_len (out, item->start, skip_text (item->start) - item->start);
      g_string_append (out, ": ");
    }
    append_inline (out, item->value);
  }
  g_string_append (out, container.items->len > 0 ? " " : "");
  g_string_append_c (out, *container.close);
}

/* On one line if that is not too long, else each item on one of its own. */
static void
append_value (GString *out, const char *value, const char *indent)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *deeper = g_strconcat (indent, "  ", NULL);
  g_auto (Container) container = { 0 };

  append_inline (line, value);
  if (line->len + strlen (indent) <= LONGEST_LINE || (*value != '{' && *value != '[')) {
    g_string_append (out, line->str);
    return;
  }
  container = read_container (value);
  g_string_append_c (out, *value);
  for (guint i = 0; i < container.items->len; i++) {
    const Item *item = get_item (&container, i);

    g_string_append_printf (out, "%s\n%s", i > 0 ? "," : "", deeper);
    if (item->key != NULL) {
      g_string_append_len (out, item->start, skip_text (item->start) - item->start);
      g_string_append (out, ": ");
    }
    append_value (out, item->value, deeper);
  }
  g_string_append_printf (out, "\n%s%c", indent, *container.close);
}

static const char *
find_line_start (const char *text, const char *p)
{
  while (p > text && p[-1] != '\n')
    p--;
  return p;
}

static gboolean
is_blank (const char *from, const char *to)
{
  return (gssize)strspn (from, " \t\r") >= to - from;
}

/* The spaces the line of p begins with. */
static char *
dup_indent (const char *text, const char *p)
{
  const char *line = find_line_start (text, p);

  return g_strndup (line, strspn (line, " \t"));
}

/* ---- one change ------------------------------------------------------------------------------ */

static char *
replace (const char *text, const char *from, const char *to, const char *with)
{
  GString *result = g_string_new_len (text, from - text);

  g_string_append (result, with);
  g_string_append (result, to);
  return g_string_free (result, FALSE);
}

/* With its line, if there is nothing else on that. */
static char *
remove_item (const char *text, const Container *container, guint index)
{
  const Item *item = get_item (container, index);
  const Item *before = index > 0 ? get_item (container, index - 1) : NULL;
  const char *from = item->start;
  const char *to = item->comma != NULL ? item->comma + 1 : item->end;
  const char *line = find_line_start (text, from);
  const char *line_end = to + strcspn (to, "\n");
  g_autofree char *without = NULL;
  const char *comma;

  if (is_blank (line, from) && is_blank (to, line_end) && *line_end == '\n') {
    from = line;
    to = line_end + 1;
  } else if (item->comma != NULL) {
    to += strspn (to, " \t");
  } else if (before != NULL && is_blank (before->comma + 1, from)) {
    from = before->comma + 1;
  }
  without = replace (text, from, to, "");
  if (item->comma != NULL || before == NULL)
    return g_steal_pointer (&without);
  comma = without + (before->comma - text);
  return replace (without, comma, comma + 1, "");
}

/* key NULL: of a list. */
static char *
make_item (const char *key, const char *value, const char *indent)
{
  GString *item = g_string_new (NULL);

  if (key != NULL) {
    g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), key);
    g_autofree char *quoted = json_to_string (node, FALSE);

    g_string_append_printf (item, "%s: ", quoted);
  }
  append_value (item, value, indent);
  return g_string_free (item, FALSE);
}

static char *
insert_first (const char *text, const Container *container, const char *key, const char *value)
{
  g_autofree char *outer = dup_indent (text, container->open);
  g_autofree char *indent = g_strconcat (outer, "  ", NULL);
  g_autofree char *item = make_item (key, value, indent);
  gboolean is_long = strchr (item, '\n') != NULL;
  g_autofree char *with = is_long ? g_strdup_printf ("\n%s%s\n%s", indent, item, outer)
                                  : g_strdup_printf (" %s ", item);
  const char *to = container->open + 1;

  return replace (text, to, is_blank (to, container->close) ? container->close : to, with);
}

/* A comment behind the last one stays behind it. */
static char *
insert_last (const char *text, const Container *container, const char *key, const char *value)
{
  const Item *last = get_item (container, container->items->len - 1);
  g_autofree char *indent = dup_indent (text, last->start);
  g_autofree char *item = make_item (key, value, indent);
  gboolean is_on_own_line = is_blank (find_line_start (text, last->start), last->start);
  const char *line_end = last->end + strcspn (last->end, "\n");
  const char *at = is_on_own_line && line_end < container->close ? line_end : last->end;
  g_autofree char *between = g_strndup (last->end, at - last->end);
  g_autofree char *with = is_on_own_line ? g_strdup_printf (",%s\n%s%s", between, indent, item)
                                         : g_strdup_printf (", %s", item);

  return replace (text, last->end, at, with);
}

static char *
insert (const char *text, const Container *container, const char *key, const char *value)
{
  return container->items->len == 0 ? insert_first (text, container, key, value)
                                    : insert_last (text, container, key, value);
}

/* value NULL: the member goes. */
static char *
set_member (const char *text, const char *object, const char *key, const char *value)
{
  g_auto (Container) container = read_container (object);
  int index = find_index (&container, key);
  const Item *item = index >= 0 ? get_item (&container, index) : NULL;
  g_autofree char *indent = item != NULL ? dup_indent (text, item->start) : NULL;
  g_autoptr (GString) laid_out = g_string_new (NULL);

  if (value == NULL)
    return item != NULL ? remove_item (text, &container, index) : g_strdup (text);
  if (item == NULL)
    return insert (text, &container, key, value);
  append_value (laid_out, value, indent);
  return replace (text, item->value, item->end, laid_out->str);
}

/* ---- RFC 7396 -------------------------------------------------------------------------------- */

static char *merge (const char *text, char **steps, const char *patch);

static char **
descend (char **steps, const char *key)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  GString *step = g_string_new (key);

  g_string_replace (step, "~", "~0", 0);
  g_string_replace (step, "/", "~1", 0);
  g_strv_builder_addv (builder, (const char **)steps);
  g_strv_builder_add (builder, step->str);
  g_string_free (step, TRUE);
  return g_strv_builder_end (builder);
}

static char *
merge_member (const char *text, char **steps, const Item *item)
{
  g_auto (GStrv) deeper = descend (steps, item->key);
  const char *there = find_value (text, deeper, g_strv_length (deeper));
  g_autofree char *value = g_strndup (item->value, item->end - item->value);
  g_autofree char *without_nulls = NULL;
  char *none[] = { NULL };

  if (*value == '{' && there != NULL && *there == '{')
    return merge (text, deeper, value);
  if (*value == '{')
    without_nulls = merge ("{}", none, value);
  return set_member (text, find_value (text, steps, g_strv_length (steps)), item->key,
      g_str_equal (value, "null") ? NULL
      : without_nulls != NULL     ? without_nulls
                                  : value);
}

static char *
merge (const char *text, char **steps, const char *patch)
{
  g_auto (Container) members = read_container (patch);
  char *merged = g_strdup (text);

  for (guint i = 0; i < members.items->len; i++) {
    char *before = merged;

    merged = merge_member (before, steps, get_item (&members, i));
    g_free (before);
  }
  return merged;
}

char *
ph_json_edit_merge (const char *text, const char *place, const char *patch)
{
  g_auto (GStrv) steps = split (place);
  const char *object = find_value (text, steps, g_strv_length (steps));

  return object != NULL && *object == '{' ? merge (text, steps, skip_blank (patch)) : NULL;
}

char *
ph_json_edit_append (const char *text, const char *place, const char *value)
{
  const char *list = find_place (text, place);
  g_auto (Container) container = { 0 };

  if (list == NULL || *list != '[')
    return NULL;
  container = read_container (list);
  return insert (text, &container, NULL, skip_blank (value));
}

char *
ph_json_edit_remove (const char *text, const char *place)
{
  const char *slash = strrchr (place, '/');
  g_autofree char *outer = slash != NULL ? g_strndup (place, slash - place) : NULL;
  g_autofree char *name = slash != NULL ? unescape (slash + 1) : NULL;
  const char *value = outer != NULL ? find_place (text, outer) : NULL;
  g_auto (Container) container = { 0 };
  int index;

  if (value == NULL || (*value != '{' && *value != '['))
    return NULL;
  container = read_container (value);
  index = find_index (&container, name);
  return index >= 0 ? remove_item (text, &container, index) : NULL;
}

char *
ph_json_edit_dup_value (const char *text, const char *place)
{
  const char *value = find_place (text, place);

  return value != NULL ? g_strndup (value, skip_value (value) - value) : NULL;
}
