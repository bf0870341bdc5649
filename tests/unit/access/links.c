/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/links.h"

#include "base/error.h"
#include "common/folder.h"

#include <string.h>

#define NOW G_GINT64_CONSTANT (1800000000)
#define END (NOW + 3600)

typedef struct {
  Folder folder;
  PhLinks *links;
  GString *log;
} Fixture;

static GLogWriterOutput
keep_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer log)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      g_string_append_printf (log, "%s\n", (const char *)fields[i].value);
  return G_LOG_WRITER_HANDLED;
}

static void
restart (Fixture *f)
{
  g_clear_pointer (&f->links, ph_links_free);
  f->links = ph_links_new (f->folder.path);
}

static void
set_up (Fixture *f, gconstpointer log)
{
  f->log = (GString *)log;
  g_string_truncate (f->log, 0);
  folder_init (&f->folder);
  restart (f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_links_free (f->links);
  folder_clear (&f->folder);
}

static char *
make (Fixture *f, const char *camera, const char *stream)
{
  g_autoptr (GError) error = NULL;
  const PhLink *link;
  char *token = ph_links_make (f->links, camera, stream, "anna", END, NOW, &link, &error);

  g_assert_no_error (error);
  return token;
}

static gboolean
shows (Fixture *f, const char *token, const char *camera)
{
  return ph_links_find (f->links, token, camera, NOW) != NULL;
}

static void
a_link_shows_its_camera_until_its_end (Fixture *f, gconstpointer data)
{
  g_autofree char *token = make (f, "front", NULL);
  const PhLink *link = ph_links_find (f->links, token, "front", END - 1);

  g_assert_nonnull (link);
  g_assert_cmpstr (link->camera, ==, "front");
  g_assert_null (link->stream);
  g_assert_cmpstr (link->user, ==, "anna");
  g_assert_cmpint (link->end, ==, END);
  g_assert_cmpuint (strspn (token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                   "-_"),
      ==, strlen (token));
  g_assert_false (shows (f, token, "back"));
  g_assert_null (ph_links_find (f->links, token, "front", END));
  g_assert_null (ph_links_get (f->links, link->id, END));
}

static void
a_link_to_a_stream_says_which (Fixture *f, gconstpointer data)
{
  g_autofree char *token = make (f, "front", "sub");

  g_assert_cmpstr (ph_links_find (f->links, token, "front", NOW)->stream, ==, "sub");
  g_assert_false (shows (f, token, "back"));
}

/* The signature covers what the list says. */
static void
a_changed_list_opens_nothing_more (Fixture *f, gconstpointer data)
{
  static const struct {
    const char *from, *to;
  } changes[] = { { "front", "back" }, { "\"sub\"", "\"main\"" }, { "1800003600", "1900003600" } };
  g_autofree char *token = make (f, "front", "sub");
  g_autofree char *file = g_build_filename (f->folder.path, "links.json", NULL);
  g_autofree char *list = NULL;

  g_assert_true (g_file_get_contents (file, &list, NULL, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autoptr (GString) changed = g_string_new (list);
    g_autofree char *put = NULL;

    g_assert_cmpuint (g_string_replace (changed, changes[i].from, changes[i].to, 0), ==, 1);
    put = folder_put (&f->folder, "links.json", changed->str, 0600);
    restart (f);
    g_assert_false (shows (f, token, "front"));
    g_assert_false (shows (f, token, "back"));
  }
}

static void
a_changed_token_shows_nothing (Fixture *f, gconstpointer data)
{
  g_autofree char *token = make (f, "front", NULL);
  gsize length = strlen (token);
  g_autofree char *longer = g_strconcat (token, "A", NULL);
  g_autofree char *shorter = g_strndup (token, length - 1);

  for (gsize i = 0; i < length; i++) {
    g_autofree char *changed = g_strdup (token);

    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    g_assert_false (shows (f, changed, "front"));
    changed[i] = '=';
    g_assert_false (shows (f, changed, "front"));
  }
  g_assert_false (shows (f, longer, "front"));
  g_assert_false (shows (f, shorter, "front"));
  g_assert_false (shows (f, "", "front"));
  g_assert_true (shows (f, token, "front"));
}

static void
links_outlive_a_restart (Fixture *f, gconstpointer data)
{
  g_autofree char *token = make (f, "front", NULL);
  g_autofree char *of_stream = make (f, "front", "sub");

  restart (f);
  g_assert_true (shows (f, token, "front"));
  g_assert_true (shows (f, of_stream, "front"));
}

static void
links_are_of_one_state_folder (Fixture *f, gconstpointer data)
{
  Folder other = { 0 };
  g_autofree char *token = make (f, "front", NULL);
  g_autoptr (PhLinks) links = NULL;

  folder_init (&other);
  links = ph_links_new (other.path);
  g_assert_null (ph_links_find (links, token, "front", NOW));
  folder_clear (&other);
}

static void
a_revoked_link_stays_revoked (Fixture *f, gconstpointer data)
{
  g_autofree char *token = make (f, "front", NULL);
  g_autofree char *other = make (f, "front", NULL);
  g_autofree char *id = g_strdup (ph_links_find (f->links, token, "front", NOW)->id);
  g_autoptr (GError) error = NULL;

  g_assert_true (ph_links_revoke (f->links, id, &error));
  g_assert_no_error (error);
  for (int i = 0; i < 2; i++) {
    g_assert_false (shows (f, token, "front"));
    g_assert_true (shows (f, other, "front"));
    restart (f);
  }
  g_assert_false (ph_links_revoke (f->links, id, &error));
  g_assert_error (error, PH_ERROR, PH_ERROR_NOT_FOUND);
}

static void
ended_links_are_forgotten (Fixture *f, gconstpointer data)
{
  g_autofree char *token = make (f, "front", NULL);
  G_GNUC_UNUSED g_autofree char *of_another = make (f, "back", NULL);
  g_autoptr (GPtrArray) before = ph_links_list (f->links, "front", END - 1, NULL);
  g_autoptr (GPtrArray) after = ph_links_list (f->links, "front", END, NULL);

  g_assert_cmpuint (before->len, ==, 1);
  g_assert_cmpuint (after->len, ==, 0);
}

static void
what_cannot_be_made_is_refused (Fixture *f, gconstpointer data)
{
  static const gint64 ends[] = { NOW, NOW - 1, 0,
    NOW + PH_LINK_MAX_DAYS * G_GINT64_CONSTANT (86400) + 1, G_MAXINT64 };

  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++) {
    g_autoptr (GError) error = NULL;
    const PhLink *link;

    g_assert_null (ph_links_make (f->links, "front", NULL, "anna", ends[i], NOW, &link, &error));
    g_assert_error (error, PH_ERROR, PH_ERROR_USAGE);
  }
}

static void
a_list_that_cannot_be_understood_shows_nothing (Fixture *f, gconstpointer data)
{
  static const char *const lists[] = { "", "{}", "[ 1 ]", "[ {} ]",
    "[ { \"id\": 1, \"camera\": \"front\" } ]", "[", "[ { \"id\": \"a\" } ]" };
  g_autofree char *token = make (f, "front", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++) {
    g_autofree char *file = folder_put (&f->folder, "links.json", lists[i], 0600);

    g_string_truncate (f->log, 0);
    restart (f);
    g_assert_false (shows (f, token, "front"));
    g_assert_nonnull (strstr (f->log->str, "links.json cannot be understood"));
  }
}

static void
a_key_that_is_not_what_was_written_ends_all_links_and_says_so (Fixture *f, gconstpointer data)
{
  g_autofree char *token = make (f, "front", NULL);
  g_autofree char *file = folder_put (&f->folder, "link-key", "half of it", 0600);

  g_string_truncate (f->log, 0);
  restart (f);
  g_assert_false (shows (f, token, "front"));
  g_assert_nonnull (strstr (f->log->str, "link-key is not what was written"));
}

static void
secrets_that_others_may_read_are_not_used (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "link-key", "links.json" };
  g_autofree char *token = make (f, "front", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *file = g_build_filename (f->folder.path, names[i], NULL);
    g_autoptr (GError) error = NULL;
    GStatBuf status;

    g_assert_cmpint (g_stat (file, &status), ==, 0);
    g_assert_cmpint (status.st_mode & 07777, ==, 0600);
    g_chmod (file, 0644);
    restart (f);
    g_assert_null (ph_links_list (f->links, "front", NOW, &error));
    g_assert_error (error, PH_ERROR, PH_ERROR_SETTINGS);
    g_chmod (file, 0600);
  }
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*run) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/access/links/camera", a_link_shows_its_camera_until_its_end },
    { "/access/links/stream", a_link_to_a_stream_says_which },
    { "/access/links/list-changed", a_changed_list_opens_nothing_more },
    { "/access/links/changed", a_changed_token_shows_nothing },
    { "/access/links/restart", links_outlive_a_restart },
    { "/access/links/folder", links_are_of_one_state_folder },
    { "/access/links/revoked", a_revoked_link_stays_revoked },
    { "/access/links/ended", ended_links_are_forgotten },
    { "/access/links/refused", what_cannot_be_made_is_refused },
    { "/access/links/list", a_list_that_cannot_be_understood_shows_nothing },
    { "/access/links/key", a_key_that_is_not_what_was_written_ends_all_links_and_says_so },
    { "/access/links/mode", secrets_that_others_may_read_are_not_used },
  };
  g_autoptr (GString) log = g_string_new (NULL);

  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (keep_line, log, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, log, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
