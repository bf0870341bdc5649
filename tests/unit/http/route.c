/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/route.h"

static const PhRoute routes[] = {
  { .pattern = "/", .method = "GET" },
  { .pattern = "/assets/*", .method = "GET" },
  { .pattern = "/api/v1/cameras", .method = "GET" },
  { .pattern = "/api/v1/cameras", .method = "POST" },
  { .pattern = "/api/v1/cameras/NAME", .method = "GET" },
  { .pattern = "/api/v1/*", .method = "GET" },
  { .pattern = "/NAME/", .method = "GET" },
  { .pattern = "/NAME/mjpeg", .method = "GET" },
  { .pattern = "/NAME/hls/*", .method = "GET" },
};

static void
each_path_finds_its_row (void)
{
  static const struct {
    const char *method, *path, *pattern, *name, *rest;
  } rows[] = {
    { "GET", "/", "/", NULL, "" },
    { "HEAD", "/", "/", NULL, "" },
    { "GET", "/assets/a.js", "/assets/*", NULL, "a.js" },
    { "GET", "/assets/a/b.js", "/assets/*", NULL, "a/b.js" },
    { "POST", "/api/v1/cameras", "/api/v1/cameras", NULL, "" },
    { "GET", "/api/v1/cameras/front", "/api/v1/cameras/NAME", "front", "" },
    { "GET", "/api/v1/ddns", "/api/v1/*", NULL, "ddns" },
    { "GET", "/front/", "/NAME/", "front", "" },
    { "GET", "/front/mjpeg", "/NAME/mjpeg", "front", "mjpeg" },
    { "GET", "/front/hls/main-7.m4s", "/NAME/hls/*", "front", "hls/main-7.m4s" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (PhRouteMatch) match = { 0 };

    g_test_message ("%s %s", rows[i].method, rows[i].path);
    g_assert_cmpint (
        ph_route_find (routes, G_N_ELEMENTS (routes), rows[i].method, rows[i].path, &match), ==,
        PH_ROUTE_FOUND);
    g_assert_cmpstr (routes[match.index].pattern, ==, rows[i].pattern);
    g_assert_true (g_str_equal (routes[match.index].method, rows[i].method) ||
                   g_str_equal (rows[i].method, "HEAD"));
    g_assert_cmpstr (match.name, ==, rows[i].name);
    g_assert_cmpstr (match.rest, ==, rows[i].rest);
  }
}

static void
other_paths_find_none (void)
{
  static const char *const paths[] = { "", "*", "//", "//mjpeg", "/front/nothing", "/front/mjpeg/",
    "/front/hls/", "/front//mjpeg", "/a/b", "/api/v1/", "/api/v2/cameras" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_auto (PhRouteMatch) match = { 0 };

    g_test_message ("%s", paths[i]);
    g_assert_cmpint (
        ph_route_find (routes, G_N_ELEMENTS (routes), "GET", paths[i], &match), ==, PH_ROUTE_NONE);
  }
}

static void
a_wrong_method_is_told_the_right_ones (void)
{
  static const struct {
    const char *method, *path, *allow;
  } rows[] = {
    { "POST", "/", "GET, HEAD, OPTIONS" },
    { "DELETE", "/api/v1/cameras", "GET, HEAD, POST, OPTIONS" },
    { "OPTIONS", "/api/v1/cameras", "GET, HEAD, POST, OPTIONS" },
    { "PUT", "/front/mjpeg", "GET, HEAD, OPTIONS" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (PhRouteMatch) match = { 0 };

    g_assert_cmpint (
        ph_route_find (routes, G_N_ELEMENTS (routes), rows[i].method, rows[i].path, &match), ==,
        PH_ROUTE_WRONG_METHOD);
    g_assert_cmpstr (match.allow, ==, rows[i].allow);
  }
}

static void
only_a_page_gains_its_slash (void)
{
  g_auto (PhRouteMatch) page = { 0 };
  g_auto (PhRouteMatch) stream = { 0 };

  g_assert_cmpint (ph_route_find (routes, G_N_ELEMENTS (routes), "GET", "/front", &page), ==,
      PH_ROUTE_ADD_SLASH);
  g_assert_cmpstr (page.name, ==, "front");
  g_assert_cmpint (ph_route_find (routes, G_N_ELEMENTS (routes), "GET", "/front/hls", &stream), ==,
      PH_ROUTE_NONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/route/found", each_path_finds_its_row);
  g_test_add_func ("/http/route/none", other_paths_find_none);
  g_test_add_func ("/http/route/method", a_wrong_method_is_told_the_right_ones);
  g_test_add_func ("/http/route/slash", only_a_page_gains_its_slash);
  return g_test_run ();
}
