/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/page.h"

#include "fixture.h"

#include <glib/gstdio.h>

typedef struct {
  PhPage *page;
  TestServer server;
  TestCamera camera;
  GResource *resource;
} Fixture;

#define PAGE G_STRUCT_OFFSET (Fixture, page)
static const PhRoute routes[] = {
  { "/", "GET", PH_PERMISSION_VIEW, ph_page_handle_index, PAGE },
  { "/assets/*", "GET", PH_PERMISSION_OPEN, ph_page_handle_asset, PAGE },
  { "/NAME/", "GET", PH_PERMISSION_VIEW, ph_page_handle_camera, PAGE },
};

static const struct {
  const char *name, *content;
} files[] = {
  { "index.html", "<!doctype html>index" },
  { "camera.html", "<!doctype html>camera" },
  { "assets/a.js", "let a;" },
  { "assets/a.css", "a{}" },
  { "assets/a.svg", "<svg/>" },
};

static void
write_file (const char *folder, const char *name, const char *content)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, content, -1, NULL));
}

/* Made with GLib's own compiler, which the build of the real page needs as well. */
static GResource *
make_resource (void)
{
  g_autofree char *folder = g_dir_make_tmp ("page-XXXXXX", NULL);
  g_autofree char *assets = g_build_filename (folder, "assets", NULL);
  g_autofree char *list = g_build_filename (folder, "list.xml", NULL);
  g_autofree char *target = g_build_filename (folder, "list.gresource", NULL);
  g_autofree char *target_option = g_strconcat ("--target=", target, NULL);
  g_autofree char *source_option = g_strconcat ("--sourcedir=", folder, NULL);
  const char *argv[] = { "glib-compile-resources", target_option, source_option, list, NULL };
  g_autoptr (GString) xml = g_string_new ("<gresources><gresource prefix=\"/org/porthole/web\">");
  g_autoptr (GError) error = NULL;
  GResource *resource;

  g_assert_cmpint (g_mkdir (assets, 0700), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    write_file (folder, files[i].name, files[i].content);
    g_string_append_printf (xml, "<file>%s</file>", files[i].name);
  }
  g_string_append (xml, "</gresource></gresources>");
  write_file (folder, "list.xml", xml->str);
  g_spawn_sync (
      NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  resource = g_resource_load (target, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (folder, files[i].name, NULL);

    g_unlink (path);
  }
  g_unlink (list);
  g_unlink (target);
  g_rmdir (assets);
  g_rmdir (folder);
  return resource;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->resource = make_resource ();
  g_resources_register (f->resource);
  f->page = ph_page_new ();
  test_camera_init (&f->camera);
  test_server_init (&f->server, routes, G_N_ELEMENTS (routes), f, f->camera.cameras);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  test_server_clear (&f->server);
  test_camera_clear (&f->camera);
  g_clear_pointer (&f->page, ph_page_free);
  g_resources_unregister (f->resource);
  g_clear_pointer (&f->resource, g_resource_unref);
}

static void
each_file_has_its_type (Fixture *f, gconstpointer data)
{
  static const struct {
    const char *target, *content_type, *content;
  } rows[] = {
    { "/", "text/html; charset=utf-8", "<!doctype html>index" },
    { "/front/", "text/html; charset=utf-8", "<!doctype html>camera" },
    { "/assets/a.js", "text/javascript; charset=utf-8", "let a;" },
    { "/assets/a.css", "text/css; charset=utf-8", "a{}" },
    { "/assets/a.svg", "image/svg+xml", "<svg/>" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (TestAnswer) answer = test_fetch (&f->server, "GET", rows[i].target);

    g_assert_cmpuint (answer->status, ==, 200);
    g_assert_cmpstr (test_header (answer, "Content-Type"), ==, rows[i].content_type);
    g_assert_cmpstr (answer->body, ==, rows[i].content);
  }
}

static void
nothing_else_is_reached (Fixture *f, gconstpointer data)
{
  static const char *const targets[] = { "/assets/b.js", "/assets/a.js/", "/assets//a.js",
    "/assets/../index.html", "/assets/%2e%2e/index.html", "/assets/", "/index.html" };

  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++) {
    g_autofree char *request =
        g_strdup_printf ("GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n", targets[i]);
    TestClient client;

    test_client_init (&client, &f->server, request, 0);
    test_client_read_until (&client, NULL);
    g_test_message ("%s: %.30s", targets[i], client.text->str);
    g_assert_null (strstr (client.text->str, " 200 "));
    test_client_clear (&client);
  }
}

static void
the_page_runs_only_its_own_scripts (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) answer = test_fetch (&f->server, "GET", "/");
  const char *policy = test_header (answer, "Content-Security-Policy");

  g_assert_nonnull (strstr (policy, "default-src 'none'"));
  g_assert_nonnull (strstr (policy, "script-src 'self';"));
  g_assert_null (strstr (policy, "unsafe"));
}

static guint
ask_with_etag (Fixture *f, const char *etag)
{
  SoupMessage *message = test_make_message (&f->server, "GET", "/assets/a.js");
  g_autoptr (TestAnswer) answer = NULL;

  soup_message_headers_append (soup_message_get_request_headers (message), "If-None-Match", etag);
  answer = test_wait (test_send (&f->server, message));
  g_assert_cmpuint (answer->length, ==, answer->status == 304 ? 0 : 6);
  return answer->status;
}

static void
what_the_browser_has_is_not_sent_again (Fixture *f, gconstpointer data)
{
  g_autoptr (TestAnswer) first = test_fetch (&f->server, "GET", "/assets/a.js");
  g_autoptr (TestAnswer) other = test_fetch (&f->server, "GET", "/assets/a.css");
  const char *etag = test_header (first, "ETag");
  g_autofree char *weak = g_strconcat ("W/", etag, NULL);
  g_autofree char *list = g_strconcat ("\"x\" , ", etag, NULL);

  g_assert_cmpstr (test_header (first, "Cache-Control"), ==, "no-cache");
  g_assert_cmpstr (etag, !=, test_header (other, "ETag"));
  g_assert_cmpuint (ask_with_etag (f, etag), ==, 304);
  g_assert_cmpuint (ask_with_etag (f, weak), ==, 304);
  g_assert_cmpuint (ask_with_etag (f, list), ==, 304);
  g_assert_cmpuint (ask_with_etag (f, "*"), ==, 304);
  g_assert_cmpuint (ask_with_etag (f, "\"x\""), ==, 200);
}

int
main (int argc, char **argv)
{
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  TEST ("/http/page/type", each_file_has_its_type);
  TEST ("/http/page/nothing-else", nothing_else_is_reached);
  TEST ("/http/page/policy", the_page_runs_only_its_own_scripts);
  TEST ("/http/page/etag", what_the_browser_has_is_not_sent_again);
  return g_test_run ();
}
