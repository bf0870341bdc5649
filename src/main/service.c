/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/service.h"

#include "build-config.h"

#include <signal.h>
#include <unistd.h>
#if HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

/* Of the watchdog's interval; sd_watchdog_enabled(3) asks for half of it or less. */
#define TICKS_PER_INTERVAL 3

struct _PhService {
  PhServiceIsAlive is_alive;
  gpointer user_data;
  guint64 interval_us;
  guint timer; /* 0: nobody wants to hear */
};

static void
say (const char *state)
{
#if HAVE_SYSTEMD
  sd_notify (0, state);
#endif
}

/* Microseconds; 0: there is no watchdog. */
static guint64
get_interval (void)
{
  guint64 interval_us = 0;

#if HAVE_SYSTEMD
  if (sd_watchdog_enabled (0, &interval_us) <= 0)
    return 0;
#endif
  return interval_us;
}

static gboolean
on_tick (gpointer user_data)
{
  PhService *self = user_data;

  if (self->is_alive (self->interval_us / (double)G_USEC_PER_SEC, self->user_data))
    say ("WATCHDOG=1");
  return G_SOURCE_CONTINUE;
}

PhService *
ph_service_new (PhServiceIsAlive is_alive, gpointer user_data)
{
  PhService *self = g_new0 (PhService, 1);

  self->is_alive = is_alive;
  self->user_data = user_data;
  self->interval_us = get_interval ();
  if (self->interval_us > 0)
    self->timer =
        g_timeout_add (MAX (self->interval_us / 1000 / TICKS_PER_INTERVAL, 1), on_tick, self);
  return self;
}

void
ph_service_free (PhService *self)
{
  say ("STOPPING=1");
  g_clear_handle_id (&self->timer, g_source_remove);
  g_free (self);
}

void
ph_service_say_ready (PhService *self)
{
  say ("READY=1");
}

/* The time is what Type=notify-reload asks for. */
void
ph_service_say_reloading (PhService *self)
{
  g_autofree char *state =
      g_strdup_printf ("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time ());

  say (state);
}

void
ph_service_reap_orphans (void)
{
  if (getpid () == 1)
    signal (SIGCHLD, SIG_IGN);
}
