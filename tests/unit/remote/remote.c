/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What speaks against opening a port. With an address that stands in the settings nobody is asked
 * for it, so nothing is sent. */
#include "remote/remote.h"

#include "common/settings.h"

typedef struct {
  Folder folder;
  PhConfig *config;
  PhRemote *remote;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  folder_init (&f->folder);
  g_setenv ("STATE_DIRECTORY", f->folder.path, TRUE);
  f->config = folder_load (&f->folder,
      "{ 'remote': { 'public_address': { 'sources': [ '5.6.7.8' ] }, "
      "'port_mapping': { 'enabled': true } } }",
      0600);
  f->remote = ph_remote_new ();
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_remote_free (f->remote);
  ph_config_unref (f->config);
  folder_clear (&f->folder);
}

static void
assert_refused (Fixture *f, const PhRemoteServer *server, const char *why)
{
  PhPortMapping *mapping = ph_remote_get_port_mapping (f->remote);

  ph_remote_apply (f->remote, f->config->remote, server);
  g_assert_cmpstr (ph_port_mapping_get_refusal (mapping), ==, why);
  g_assert_cmpuint (ph_port_mapping_get_entries (mapping)->len, ==, 0);
}

static void
nothing_is_opened_without_users (Fixture *f, gconstpointer data)
{
  PhRemoteServer server = { .listen = "any", .https = 8443, .http = 8081 };

  assert_refused (f, &server,
      "there are no users, so everybody outside could look; add one with \"porthole user\"");
}

static void
nothing_is_opened_without_tls (Fixture *f, gconstpointer data)
{
  PhRemoteServer server = { .has_users = TRUE, .listen = "any", .http = 8081, .rtsp = 8554 };

  assert_refused (f, &server, "there is no HTTPS, so passwords could be read on the way");
}

static void
nothing_is_opened_for_who_listens_to_this_machine_only (Fixture *f, gconstpointer data)
{
  PhRemoteServer server = { .has_users = TRUE, .listen = "loopback", .https = 8443 };

  assert_refused (
      f, &server, "http.listen is \"loopback\", so nobody but this machine is answered");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Refusals are warned of, and are the matter here. */
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
#define ADD(path, function) \
  g_test_add ("/remote/remote/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("users", nothing_is_opened_without_users);
  ADD ("tls", nothing_is_opened_without_tls);
  ADD ("loopback", nothing_is_opened_for_who_listens_to_this_machine_only);
  return g_test_run ();
}
