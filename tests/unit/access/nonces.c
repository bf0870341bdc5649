/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/nonces.h"

#include <string.h>

#define LIFETIME 60
#define MAX_USED 3

typedef struct {
  PhNonces *nonces;
  gint64 now_us;
  char *nonce;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->nonces = ph_nonces_new (LIFETIME, MAX_USED);
  f->now_us = 5 * G_TIME_SPAN_HOUR;
  f->nonce = ph_nonces_make_any (f->nonces, f->now_us);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_free (f->nonce);
  ph_nonces_free (f->nonces);
}

static PhNonceState
use (Fixture *f, const char *nonce, guint32 count)
{
  return ph_nonces_use_any (f->nonces, nonce, count, f->now_us);
}

static void
a_nonce_is_good_for_its_lifetime (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (ph_nonces_check_any (f->nonces, f->nonce, f->now_us), ==, PH_NONCE_FRESH);
  f->now_us += LIFETIME * G_TIME_SPAN_SECOND;
  g_assert_cmpint (ph_nonces_check_any (f->nonces, f->nonce, f->now_us), ==, PH_NONCE_FRESH);
  f->now_us += G_TIME_SPAN_MILLISECOND;
  g_assert_cmpint (ph_nonces_check_any (f->nonces, f->nonce, f->now_us), ==, PH_NONCE_STALE);
}

static void
no_two_are_the_same (Fixture *f, gconstpointer data)
{
  g_autofree char *second = ph_nonces_make_any (f->nonces, f->now_us);

  g_assert_cmpstr (f->nonce, !=, second);
}

static void
one_that_was_made_up_is_stale (Fixture *f, gconstpointer data)
{
  gsize length = strlen (f->nonce);
  g_autofree char *longer = g_strconcat (f->nonce, "0", NULL);
  g_autofree char *shorter = g_strndup (f->nonce, length - 1);

  for (gsize i = 0; i < length; i++) {
    g_autofree char *changed = g_strdup (f->nonce);

    changed[i] = changed[i] == '0' ? '1' : '0';
    g_assert_cmpint (ph_nonces_check_any (f->nonces, changed, f->now_us), ==, PH_NONCE_STALE);
    g_assert_cmpint (use (f, changed, 1), ==, PH_NONCE_STALE);
  }
  g_assert_cmpint (ph_nonces_check_any (f->nonces, longer, f->now_us), ==, PH_NONCE_STALE);
  g_assert_cmpint (ph_nonces_check_any (f->nonces, shorter, f->now_us), ==, PH_NONCE_STALE);
  g_assert_cmpint (ph_nonces_check_any (f->nonces, "", f->now_us), ==, PH_NONCE_STALE);
}

static void
one_of_another_process_is_stale (Fixture *f, gconstpointer data)
{
  g_autoptr (PhNonces) other = ph_nonces_new (LIFETIME, MAX_USED);

  g_assert_cmpint (ph_nonces_check_any (other, f->nonce, f->now_us), ==, PH_NONCE_STALE);
}

static void
a_count_is_good_once_in_whatever_order (Fixture *f, gconstpointer data)
{
  static const struct {
    guint32 count;
    PhNonceState state;
  } rows[] = {
    { 0, PH_NONCE_USED },
    { 1, PH_NONCE_FRESH },
    { 1, PH_NONCE_USED },
    { 5, PH_NONCE_FRESH },
    { 3, PH_NONCE_FRESH },
    { 3, PH_NONCE_USED },
    { 4, PH_NONCE_FRESH },
    { 2, PH_NONCE_FRESH },
    { 5, PH_NONCE_USED },
    { 100, PH_NONCE_FRESH },
    { 36, PH_NONCE_USED }, /* too far behind to know */
    { 37, PH_NONCE_FRESH },
    { 37, PH_NONCE_USED },
    { G_MAXUINT32, PH_NONCE_FRESH },
    { 100, PH_NONCE_USED },
    { G_MAXUINT32, PH_NONCE_USED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("%u", rows[i].count);
    g_assert_cmpint (use (f, f->nonce, rows[i].count), ==, rows[i].state);
  }
}

static void
each_nonce_counts_for_itself (Fixture *f, gconstpointer data)
{
  g_autofree char *second = ph_nonces_make_any (f->nonces, f->now_us);

  g_assert_cmpint (use (f, f->nonce, 1), ==, PH_NONCE_FRESH);
  g_assert_cmpint (use (f, second, 1), ==, PH_NONCE_FRESH);
  g_assert_cmpint (use (f, f->nonce, 1), ==, PH_NONCE_USED);
}

static void
what_is_forgotten_cannot_be_used_again (Fixture *f, gconstpointer data)
{
  char *nonces[MAX_USED + 1];

  for (gsize i = 0; i < G_N_ELEMENTS (nonces); i++) {
    nonces[i] = ph_nonces_make_any (f->nonces, f->now_us);
    g_assert_cmpint (use (f, nonces[i], 1), ==, PH_NONCE_FRESH);
    f->now_us += G_TIME_SPAN_MILLISECOND;
  }
  g_assert_cmpint (use (f, nonces[0], 1), ==, PH_NONCE_STALE);
  g_assert_cmpint (use (f, nonces[0], 2), ==, PH_NONCE_STALE);
  g_assert_cmpint (use (f, nonces[1], 1), ==, PH_NONCE_USED);
  g_assert_cmpint (use (f, nonces[1], 2), ==, PH_NONCE_FRESH);
  for (gsize i = 0; i < G_N_ELEMENTS (nonces); i++)
    g_free (nonces[i]);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*run) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/access/nonces/lifetime", a_nonce_is_good_for_its_lifetime },
    { "/access/nonces/unique", no_two_are_the_same },
    { "/access/nonces/forged", one_that_was_made_up_is_stale },
    { "/access/nonces/foreign", one_of_another_process_is_stale },
    { "/access/nonces/counts", a_count_is_good_once_in_whatever_order },
    { "/access/nonces/apart", each_nonce_counts_for_itself },
    { "/access/nonces/bounded", what_is_forgotten_cannot_be_used_again },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
