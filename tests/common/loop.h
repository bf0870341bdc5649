/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting in tests: on events of the default main context, and never without an end. */
#pragma once

#include <glib.h>

typedef gboolean (*TestCondition) (gpointer user_data);

static gboolean
test_on_deadline (gpointer is_over)
{
  *(gboolean *)is_over = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean
test_on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Runs the default main context until condition holds; FALSE when seconds went by without. The tick
 * is for conditions that other threads fulfil. */
static inline gboolean
test_run_until (TestCondition condition, gpointer user_data, guint seconds)
{
  gboolean is_over = FALSE;
  guint deadline = g_timeout_add_seconds (seconds, test_on_deadline, &is_over);
  guint tick = g_timeout_add (5, test_on_tick, NULL);

  while (!is_over && !condition (user_data))
    g_main_context_iteration (NULL, TRUE);
  if (!is_over)
    g_source_remove (deadline);
  g_source_remove (tick);
  return !is_over;
}
