/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/sessions.h"

#include "common/settings.h"

#include <string.h>

#define IDLE_S 100
#define LIFETIME_S 1000
#define MAX_PER_USER 3

typedef struct {
  Folder folder;
  PhUsers *users;
  PhSessions *sessions;
  gint64 now_us;
} Fixture;

static PhUsers *
load (Fixture *f, const char *annas_entry)
{
  g_autofree char *settings = g_strdup_printf ("{ 'access': { 'users': [ { 'name': 'bea', "
                                               "'password': 'b' } %s ] } }",
      annas_entry);
  g_autoptr (PhConfig) config = folder_load (&f->folder, settings, 0600);
  PhUsers *users = ph_users_new (config, NULL, NULL);

  g_assert_nonnull (users);
  return users;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  folder_init (&f->folder);
  f->users = load (f, ", { 'name': 'anna', 'password': 'a' }");
  f->sessions = ph_sessions_new (&(PhSessionLimits){ IDLE_S, LIFETIME_S, MAX_PER_USER });
  f->now_us = G_TIME_SPAN_DAY;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_sessions_free (f->sessions);
  ph_users_unref_any (f->users);
  folder_clear (&f->folder);
}

static char *
open_for (Fixture *f, const char *name)
{
  return ph_sessions_open (f->sessions, ph_users_find_any (f->users, name), f->now_us);
}

/* NULL: it does not go on. */
static const char *
find (Fixture *f, const PhUsers *users, const char *id)
{
  const PhUser *user = ph_sessions_find (f->sessions, users, id, f->now_us);

  return user != NULL ? user->name : NULL;
}

static void
a_session_knows_its_user (Fixture *f, gconstpointer data)
{
  g_autofree char *annas = open_for (f, "anna");
  g_autofree char *beas = open_for (f, "bea");
  g_autofree char *other = g_strdup (annas);

  g_assert_cmpuint (strlen (annas), ==, 32);
  g_assert_cmpuint (strspn (annas, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789-_"),
      ==, 32);
  g_assert_cmpstr (find (f, f->users, annas), ==, "anna");
  g_assert_cmpstr (find (f, f->users, beas), ==, "bea");
  other[31] = other[31] == 'A' ? 'B' : 'A';
  g_assert_null (find (f, f->users, other));
  g_assert_null (find (f, f->users, ""));
}

static void
an_idle_session_ends (Fixture *f, gconstpointer data)
{
  g_autofree char *id = open_for (f, "anna");

  for (int i = 0; i < 3; i++) {
    f->now_us += (IDLE_S - 1) * G_TIME_SPAN_SECOND;
    g_assert_nonnull (find (f, f->users, id));
  }
  f->now_us += IDLE_S * G_TIME_SPAN_SECOND;
  g_assert_null (find (f, f->users, id));
  g_assert_cmpuint (ph_sessions_get_n (f->sessions), ==, 0);
}

static void
a_busy_session_ends_too (Fixture *f, gconstpointer data)
{
  g_autofree char *id = open_for (f, "anna");

  for (int i = 1; i < LIFETIME_S / 50; i++) {
    f->now_us += 50 * G_TIME_SPAN_SECOND;
    g_assert_nonnull (find (f, f->users, id));
  }
  f->now_us += 50 * G_TIME_SPAN_SECOND;
  g_assert_null (find (f, f->users, id));
}

static void
the_one_idle_for_longest_makes_room (Fixture *f, gconstpointer data)
{
  g_autofree char *beas = open_for (f, "bea");
  char *ids[MAX_PER_USER + 1];

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++) {
    if (i == MAX_PER_USER)
      g_assert_nonnull (find (f, f->users, ids[0])); /* so that the second is the idlest */
    f->now_us += G_TIME_SPAN_SECOND;
    ids[i] = open_for (f, "anna");
  }
  g_assert_cmpuint (ph_sessions_get_n (f->sessions), ==, MAX_PER_USER + 1);
  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++) {
    g_assert_cmpint (find (f, f->users, ids[i]) != NULL, ==, i != 1);
    g_free (ids[i]);
  }
  g_assert_nonnull (find (f, f->users, beas));
}

static void
what_is_over_leaves_no_memory_behind (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 20; i++) {
    g_autofree char *id = open_for (f, i % 2 == 0 ? "anna" : "bea");
    f->now_us += IDLE_S * G_TIME_SPAN_SECOND;
  }
  g_assert_cmpuint (ph_sessions_get_n (f->sessions), ==, 1);
}

static void
log_out_ends_one_session (Fixture *f, gconstpointer data)
{
  g_autofree char *first = open_for (f, "anna");
  g_autofree char *second = open_for (f, "anna");

  ph_sessions_close (f->sessions, first);
  ph_sessions_close (f->sessions, "nonsense");
  g_assert_null (find (f, f->users, first));
  g_assert_nonnull (find (f, f->users, second));
}

static void
a_changed_entry_ends_all_sessions_of_its_user (Fixture *f, gconstpointer data)
{
  static const struct {
    const char *entry;
    gboolean goes_on;
  } rows[] = {
    { ", { 'name': 'anna', 'password': 'a', 'cameras': [ 'front' ] }", TRUE },
    { ", { 'name': 'anna', 'password': 'other' }", FALSE },
    { ", { 'name': 'anna', 'password': 'a', 'role': 'admin' }", FALSE },
    { "", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *annas = open_for (f, "anna");
    g_autofree char *beas = open_for (f, "bea");
    g_autoptr (PhUsers) users = load (f, rows[i].entry);

    g_assert_cmpstr (find (f, users, annas), ==, rows[i].goes_on ? "anna" : NULL);
    g_assert_cmpstr (find (f, users, beas), ==, "bea");
    /* Once ended, it stays so. */
    g_assert_cmpstr (find (f, f->users, annas), ==, rows[i].goes_on ? "anna" : NULL);
  }
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*run) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/access/sessions/user", a_session_knows_its_user },
    { "/access/sessions/idle", an_idle_session_ends },
    { "/access/sessions/busy", a_busy_session_ends_too },
    { "/access/sessions/room", the_one_idle_for_longest_makes_room },
    { "/access/sessions/memory", what_is_over_leaves_no_memory_behind },
    { "/access/sessions/log-out", log_out_ends_one_session },
    { "/access/sessions/changed", a_changed_entry_ends_all_sessions_of_its_user },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
