/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/app.h"
#include "main/commands.h"
#include "main/service.h"
#include "main/settings.h"

#include <glib-unix.h>
#include <gst/gst.h>
#include <sys/resource.h>

/* Each viewer is a descriptor; the usual soft limit of 1024 is for programs that use select(). */
static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

/* Left to itself glib-networking, which reads this once, also speaks TLS 1.0 and 1.1 (RFC 8996),
 * and ciphers without authenticated encryption or forward secrecy (RFC 7525, section 4.2). */
static void
forbid_old_tls (void)
{
  g_setenv ("G_TLS_GNUTLS_PRIORITY",
      "NORMAL:%COMPAT:-VERS-TLS1.0:-VERS-TLS1.1:-AES-128-CBC:-AES-256-CBC:-RSA", FALSE);
}

/* GLib's ways to find a proxy ask a desktop, which may end a program where there is none; and
 * libsoup offers HTTP/2 where dynamic DNS wants HTTP/1.1 (both are read when first needed). */
static void
speak_plainly (void)
{
  g_setenv ("GIO_USE_PROXY_RESOLVER", "dummy", FALSE);
  g_setenv ("SOUP_FORCE_HTTP1", "1", FALSE);
}

static gboolean
is_alive (double limit_s, gpointer app)
{
  return ph_app_is_alive (app, limit_s);
}

static gboolean
on_stop_signal (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_reload_signal (gpointer app)
{
  ph_app_reload (app);
  return G_SOURCE_CONTINUE;
}

gboolean
ph_command_run (const PhCommandLine *line, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GPtrArray) seen = g_ptr_array_new_with_free_func (g_free);
  PhFileView view = { .seen = seen };
  g_autoptr (PhConfig) config = ph_settings_load (line->config_file, &view, error);
  g_autoptr (PhUsers) users = NULL;
  g_autoptr (PhApp) app = NULL;
  g_autoptr (PhService) service = NULL;
  guint on_int, on_term, on_hup;

  if (config == NULL)
    return FALSE;
  users = ph_settings_load_users (config, error);
  if (users == NULL || !ph_settings_check_names (config, error))
    return FALSE;
  raise_descriptor_limit ();
  forbid_old_tls ();
  speak_plainly ();
  gst_init (NULL, NULL);
  ph_service_reap_orphans ();
  app = ph_app_new (config, users, line->config_file, seen, error);
  if (app == NULL)
    return FALSE;
  if (config->file == NULL)
    g_message (
        "there is no settings file, so this is a test picture; copy a camera from pipelines/ "
        "and name it in porthole.json (man porthole.json)");
  ph_app_log_urls (app);
  on_int = g_unix_signal_add (SIGINT, on_stop_signal, loop);
  on_term = g_unix_signal_add (SIGTERM, on_stop_signal, loop);
  on_hup = g_unix_signal_add (SIGHUP, on_reload_signal, app);
  service = ph_service_new (is_alive, app);
  ph_app_set_service (app, service);
  ph_service_say_ready (service);
  g_main_loop_run (loop);
  g_source_remove (on_int);
  g_source_remove (on_term);
  g_source_remove (on_hup);
  ph_app_set_service (app, NULL);
  return TRUE;
}
