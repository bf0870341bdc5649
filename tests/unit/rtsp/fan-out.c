/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/fan-out.h"

#define N_ITEMS 20
#define LONG_US 500 /* what an item takes that keeps a thread busy */
#define DEADLINE_US (20 * G_TIME_SPAN_SECOND)

typedef struct {
  guint64 thing; /* the last that was sent to it */
  GThread *thread; /* which sent it */
  gint64 takes; /* microseconds */
} Item;

typedef struct {
  PhRtspFanOut *fan_out;
  Item items[N_ITEMS];
  guint64 thing;
} Fixture;

/* The thing before has been sent by now. */
static void
send_item (gpointer data)
{
  Item *item = data;

  item->thing++;
  item->thread = g_thread_self ();
  if (item->takes > 0)
    g_usleep (item->takes);
}

static void
set_up (Fixture *f, gconstpointer n_threads)
{
  f->fan_out = ph_rtsp_fan_out_new (GPOINTER_TO_UINT (n_threads), send_item);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_rtsp_fan_out_unref_any (f->fan_out);
}

/* Returns by how many threads. */
static guint
send_thing (Fixture *f, gint64 takes)
{
  g_autoptr (GHashTable) threads = g_hash_table_new (NULL, NULL);

  ph_rtsp_fan_out_begin_any (f->fan_out, f->thing);
  for (guint i = 0; i < N_ITEMS; i++) {
    g_assert_cmpuint (f->items[i].thing, ==, f->thing);
    f->items[i].takes = takes;
  }
  f->thing++;
  for (guint i = 0; i < N_ITEMS; i++)
    ph_rtsp_fan_out_send_any (f->fan_out, &f->items[i]);
  ph_rtsp_fan_out_finish_any (f->fan_out);
  for (guint i = 0; i < N_ITEMS; i++) {
    g_assert_cmpuint (f->items[i].thing, ==, f->thing);
    g_hash_table_add (threads, f->items[i].thread);
  }
  return g_hash_table_size (threads);
}

static gboolean
send_until (Fixture *f, gint64 takes, gint64 pause, gboolean is_spread)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_US;

  while (ph_rtsp_fan_out_is_spread_any (f->fan_out) != is_spread) {
    if (g_get_monotonic_time () > deadline)
      return FALSE;
    send_thing (f, takes);
    g_usleep (pause);
  }
  return TRUE;
}

static void
who_has_the_time_sends_alone (Fixture *f, gconstpointer data)
{
  gint64 end = g_get_monotonic_time () + 1200 * G_TIME_SPAN_MILLISECOND;

  while (g_get_monotonic_time () < end) {
    g_assert_cmpuint (send_thing (f, 0), ==, 1);
    g_assert_true (f->items[0].thread == g_thread_self ());
    g_usleep (10 * 1000);
  }
}

static void
who_is_busy_gets_help_until_it_is_no_longer (Fixture *f, gconstpointer data)
{
  g_assert_true (send_until (f, LONG_US, 0, TRUE));
  g_assert_cmpuint (send_thing (f, LONG_US), >, 1);
  g_assert_true (send_until (f, 0, 10 * 1000, FALSE));
  g_assert_cmpuint (send_thing (f, LONG_US), ==, 1);
}

static void
where_one_thread_may_send_no_other_does (Fixture *f, gconstpointer data)
{
  gint64 end = g_get_monotonic_time () + 1200 * G_TIME_SPAN_MILLISECOND;

  while (g_get_monotonic_time () < end)
    g_assert_cmpuint (send_thing (f, LONG_US), ==, 1);
}

/* ---- the end -------------------------------------------------------------------------------- */

static int n_kept; /* atomic */

/* As an outbox does, which may be let go of last by a thread that helps. */
static void
send_and_let_go (gpointer item)
{
  g_usleep (LONG_US);
  ph_rtsp_fan_out_unref_any (item);
  g_atomic_int_add (&n_kept, -1);
}

static void
a_thread_that_helps_may_let_go_of_it_last (void)
{
  PhRtspFanOut *fan_out = ph_rtsp_fan_out_new (3, send_and_let_go);
  gint64 deadline = g_get_monotonic_time () + DEADLINE_US;

  for (guint64 id = 0; !ph_rtsp_fan_out_is_spread_any (fan_out); id++) {
    ph_rtsp_fan_out_begin_any (fan_out, id);
    g_atomic_int_inc (&n_kept);
    ph_rtsp_fan_out_send_any (fan_out, ph_rtsp_fan_out_ref_any (fan_out));
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);
  }
  g_atomic_int_inc (&n_kept);
  ph_rtsp_fan_out_send_any (fan_out, ph_rtsp_fan_out_ref_any (fan_out));
  ph_rtsp_fan_out_unref_any (fan_out);
  while (g_atomic_int_get (&n_kept) > 0) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    g_usleep (1000);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/rtsp/fan-out/alone", Fixture, GUINT_TO_POINTER (3), set_up,
      who_has_the_time_sends_alone, tear_down);
  g_test_add ("/rtsp/fan-out/help", Fixture, GUINT_TO_POINTER (3), set_up,
      who_is_busy_gets_help_until_it_is_no_longer, tear_down);
  g_test_add ("/rtsp/fan-out/one", Fixture, GUINT_TO_POINTER (1), set_up,
      where_one_thread_may_send_no_other_does, tear_down);
  g_test_add_func ("/rtsp/fan-out/end", a_thread_that_helps_may_let_go_of_it_last);
  return g_test_run ();
}
