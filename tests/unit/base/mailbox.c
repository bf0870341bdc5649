/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mailbox.h"

#define N_SENDERS 4
#define N_EACH 20000

typedef struct {
  GMainContext *context;
  PhMailbox *mailbox;
  GArray *delivered; /* element-type int */
} Fixture;

static int n_freed;

static void
count_free (gpointer item)
{
  n_freed++;
}

static void
take (gpointer item, gpointer user_data)
{
  Fixture *f = user_data;
  int value = GPOINTER_TO_INT (item);

  g_array_append_val (f->delivered, value);
}

static void
set_up (Fixture *f, gconstpointer capacity)
{
  n_freed = 0;
  f->context = g_main_context_new ();
  f->delivered = g_array_new (FALSE, FALSE, sizeof (int));
  f->mailbox = ph_mailbox_new (f->context, GPOINTER_TO_UINT (capacity), take, f, count_free);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->mailbox, ph_mailbox_unref_any);
  g_array_unref (f->delivered);
  g_main_context_unref (f->context);
}

static gpointer
send_many (gpointer user_data)
{
  PhMailbox *mailbox = user_data;

  for (int i = 1; i <= N_EACH; i++)
    ph_mailbox_post_any (mailbox, GINT_TO_POINTER (i));
  return NULL;
}

static void
nothing_is_lost_between_threads (Fixture *f, gconstpointer data)
{
  GThread *senders[N_SENDERS];
  gint64 sum = 0;

  for (int i = 0; i < N_SENDERS; i++)
    senders[i] = g_thread_new ("sender", send_many, f->mailbox);
  while (f->delivered->len < N_SENDERS * N_EACH)
    g_main_context_iteration (f->context, TRUE);
  for (int i = 0; i < N_SENDERS; i++)
    g_thread_join (senders[i]);
  for (guint i = 0; i < f->delivered->len; i++)
    sum += g_array_index (f->delivered, int, i);
  g_assert_cmpint (sum, ==, (gint64)N_SENDERS * N_EACH * (N_EACH + 1) / 2);
  g_assert_cmpuint (ph_mailbox_get_n_dropped_any (f->mailbox), ==, 0);
}

static void
items_come_in_the_order_they_were_posted (Fixture *f, gconstpointer data)
{
  for (int i = 1; i <= 3; i++)
    ph_mailbox_post_any (f->mailbox, GINT_TO_POINTER (i));
  g_main_context_iteration (f->context, FALSE);
  g_assert_cmpuint (f->delivered->len, ==, 3);
  for (int i = 0; i < 3; i++)
    g_assert_cmpint (g_array_index (f->delivered, int, i), ==, i + 1);
}

static void
a_full_mailbox_drops_and_counts (Fixture *f, gconstpointer data)
{
  g_assert_true (ph_mailbox_post_any (f->mailbox, GINT_TO_POINTER (1)));
  g_assert_true (ph_mailbox_post_any (f->mailbox, GINT_TO_POINTER (2)));
  g_assert_false (ph_mailbox_post_any (f->mailbox, GINT_TO_POINTER (3)));
  g_assert_cmpuint (ph_mailbox_get_n_dropped_any (f->mailbox), ==, 1);
  g_assert_cmpint (n_freed, ==, 1);
}

static void
a_closed_mailbox_delivers_nothing (Fixture *f, gconstpointer data)
{
  ph_mailbox_post_any (f->mailbox, GINT_TO_POINTER (1));
  ph_mailbox_close (f->mailbox);
  g_assert_false (ph_mailbox_post_any (f->mailbox, GINT_TO_POINTER (2)));
  while (g_main_context_iteration (f->context, FALSE))
    ;
  g_assert_cmpuint (f->delivered->len, ==, 0);
  g_assert_cmpint (n_freed, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/base/mailbox/threads", Fixture, GUINT_TO_POINTER (N_SENDERS * N_EACH), set_up,
      nothing_is_lost_between_threads, tear_down);
  g_test_add ("/base/mailbox/order", Fixture, GUINT_TO_POINTER (8), set_up,
      items_come_in_the_order_they_were_posted, tear_down);
  g_test_add ("/base/mailbox/full", Fixture, GUINT_TO_POINTER (2), set_up,
      a_full_mailbox_drops_and_counts, tear_down);
  g_test_add ("/base/mailbox/closed", Fixture, GUINT_TO_POINTER (8), set_up,
      a_closed_mailbox_delivers_nothing, tear_down);
  return g_test_run ();
}
