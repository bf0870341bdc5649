/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/grants.h"

#include "common/settings.h"

#define CAMERA(name, more) "{ 'name': '" name "', 'source': { 'type': 'test' } " more "}"
#define CAMERAS \
  "'cameras': [ " CAMERA ("front", "") ", " CAMERA ("garden-1", "") ", " CAMERA ( \
      "street", ", 'anonymous': true") " ]"
#define USERS \
  "'users': [ { 'name': 'anna', 'password': 'a', 'cameras': [ 'garden-?', 'hall*' ] }," \
  " { 'name': 'all', 'password': 'a' }," \
  " { 'name': 'none', 'password': 'a', 'cameras': [] }," \
  " { 'name': 'root', 'password': 'a', 'role': 'admin', 'cameras': [ 'front' ] } ]"

typedef struct {
  Folder folder;
  PhUsers *users;
} Fixture;

static void
set_up (Fixture *f, gconstpointer settings)
{
  g_autoptr (PhConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  folder_init (&f->folder);
  config = folder_load (&f->folder, settings, 0600);
  f->users = ph_users_new (config, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_users_unref_any (f->users);
  folder_clear (&f->folder);
}

/* "front garden-1": what somebody may see; name NULL: nobody in particular. Free with g_free. */
static char *
list_seen (Fixture *f, const char *name, PhPermission permission)
{
  static const char *const cameras[] = { "front", "garden-1", "garden-10", "hall", "street" };
  const PhUser *user = name != NULL ? ph_users_find_any (f->users, name) : NULL;
  GString *seen = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cameras); i++)
    if (ph_grant_allows_any (f->users, user, permission, cameras[i]))
      g_string_append_printf (seen, "%s%s", seen->len > 0 ? " " : "", cameras[i]);
  return g_string_free (seen, FALSE);
}

static void
each_sees_the_cameras_granted_and_the_anonymous_ones (Fixture *f, gconstpointer data)
{
  static const struct {
    const char *name, *seen;
  } rows[] = {
    { "anna", "garden-1 hall street" },
    { "all", "front garden-1 garden-10 hall street" },
    { "none", "street" },
    { "root", "front garden-1 garden-10 hall street" },
    { NULL, "street" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *seen = list_seen (f, rows[i].name, PH_PERMISSION_VIEW);
    g_autofree char *handed_on = list_seen (f, rows[i].name, PH_PERMISSION_LINK);

    g_assert_cmpstr (seen, ==, rows[i].seen);
    g_assert_cmpstr (handed_on, ==, rows[i].name != NULL ? rows[i].seen : "");
  }
}

static void
only_an_admin_may_change_anything (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "anna", "all", "none", "root", NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    const PhUser *user = names[i] != NULL ? ph_users_find_any (f->users, names[i]) : NULL;
    gboolean is_admin = g_strcmp0 (names[i], "root") == 0;

    g_assert_true (ph_grant_allows_any (f->users, user, PH_PERMISSION_OPEN, NULL));
    g_assert_cmpint (ph_grant_allows_any (f->users, user, PH_PERMISSION_ADMIN, NULL), ==, is_admin);
    g_assert_cmpint (
        ph_grant_allows_any (f->users, user, PH_PERMISSION_ADMIN, "street"), ==, is_admin);
  }
}

static void
a_list_is_for_whoever_may_see_something (Fixture *f, gconstpointer has_anonymous)
{
  const PhUser *anna = ph_users_find_any (f->users, "anna");

  g_assert_true (ph_grant_allows_any (f->users, anna, PH_PERMISSION_VIEW, NULL));
  g_assert_true (ph_grant_allows_any (f->users, NULL, PH_PERMISSION_VIEW, NULL));
}

static void
without_anonymous_cameras_a_stranger_sees_nothing (Fixture *f, gconstpointer data)
{
  g_autofree char *seen = list_seen (f, NULL, PH_PERMISSION_VIEW);

  g_assert_cmpstr (seen, ==, "");
  g_assert_false (ph_grant_allows_any (f->users, NULL, PH_PERMISSION_VIEW, NULL));
}

static void
anonymous_viewing_of_all_is_viewing_only (Fixture *f, gconstpointer data)
{
  g_autofree char *seen = list_seen (f, NULL, PH_PERMISSION_VIEW);

  g_assert_cmpstr (seen, ==, "front garden-1 garden-10 hall street");
  g_assert_false (ph_grant_allows_any (f->users, NULL, PH_PERMISSION_LINK, "front"));
  g_assert_false (ph_grant_allows_any (f->users, NULL, PH_PERMISSION_ADMIN, NULL));
}

static void
without_users_an_anonymous_camera_opens_no_other (Fixture *f, gconstpointer data)
{
  g_autofree char *seen = list_seen (f, NULL, PH_PERMISSION_VIEW);

  g_assert_cmpstr (seen, ==, "street");
  g_assert_false (ph_grant_allows_any (f->users, NULL, PH_PERMISSION_ADMIN, NULL));
}

static void
without_users_this_machine_may_do_all (Fixture *f, gconstpointer data)
{
  g_assert_true (ph_users_is_empty_any (f->users));
  g_assert_true (ph_grant_allows_any (f->users, NULL, PH_PERMISSION_ADMIN, NULL));
}

int
main (int argc, char **argv)
{
  static const char some[] = "{ 'access': { " USERS " }, " CAMERAS " }";

  g_test_init (&argc, &argv, NULL);
  g_test_add ("/access/grants/cameras", Fixture, some, set_up,
      each_sees_the_cameras_granted_and_the_anonymous_ones, tear_down);
  g_test_add (
      "/access/grants/admin", Fixture, some, set_up, only_an_admin_may_change_anything, tear_down);
  g_test_add ("/access/grants/list", Fixture, some, set_up, a_list_is_for_whoever_may_see_something,
      tear_down);
  g_test_add ("/access/grants/stranger", Fixture, "{ 'access': { " USERS " } }", set_up,
      without_anonymous_cameras_a_stranger_sees_nothing, tear_down);
  g_test_add ("/access/grants/anonymous", Fixture, "{ 'access': { 'anonymous': true, " USERS " } }",
      set_up, anonymous_viewing_of_all_is_viewing_only, tear_down);
  g_test_add ("/access/grants/only-anonymous", Fixture, "{ 'access': { 'anonymous': true } }",
      set_up, anonymous_viewing_of_all_is_viewing_only, tear_down);
  g_test_add ("/access/grants/anonymous-camera", Fixture, "{ " CAMERAS " }", set_up,
      without_users_an_anonymous_camera_opens_no_other, tear_down);
  g_test_add ("/access/grants/empty", Fixture, "{}", set_up, without_users_this_machine_may_do_all,
      tear_down);
  return g_test_run ();
}
