/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/route.h"

#include <string.h>

#define NAME_SEGMENT "NAME"

typedef struct {
  const char *name; /* nullable */
  gsize name_length;
  const char *rest;
} Capture;

/* Walks pattern and path together, segment by segment. */
static gboolean
match_pattern (const char *pattern, const char *path, Capture *capture)
{
  *capture = (Capture){ .rest = "" };
  while (*pattern != '\0') {
    if (g_str_has_prefix (pattern, NAME_SEGMENT)) {
      capture->name = path;
      capture->name_length = strcspn (path, "/");
      if (capture->name_length == 0)
        return FALSE;
      pattern += strlen (NAME_SEGMENT);
      path += capture->name_length;
      if (*pattern == '/' && *path == '/')
        capture->rest = path + 1;
    } else if (*pattern == '*') {
      if (capture->name == NULL)
        capture->rest = path;
      return *path != '\0';
    } else if (*pattern++ != *path++) {
      return FALSE;
    }
  }
  return *path == '\0';
}

static gboolean
allows_method (const PhRoute *route, const char *method)
{
  return g_str_equal (route->method, method) ||
         (g_str_equal (method, "HEAD") && g_str_equal (route->method, "GET"));
}

static void
add_allowed (GString *allow, const char *method)
{
  if (strstr (allow->str, method) != NULL)
    return;
  if (allow->len > 0)
    g_string_append (allow, ", ");
  g_string_append (allow, method);
  if (g_str_equal (method, "GET"))
    g_string_append (allow, ", HEAD");
}

static void
keep_capture (PhRouteMatch *match, guint index, const Capture *capture)
{
  match->index = index;
  g_clear_pointer (&match->name, g_free);
  if (capture->name != NULL)
    match->name = g_strndup (capture->name, capture->name_length);
  match->rest = capture->rest;
}

static PhRouteResult
find_with_slash (const PhRoute *routes, guint n_routes, const char *path, PhRouteMatch *match)
{
  g_autofree char *with_slash = g_strconcat (path, "/", NULL);
  Capture capture;

  for (guint i = 0; i < n_routes; i++) {
    if (g_str_has_suffix (routes[i].pattern, "/") &&
        match_pattern (routes[i].pattern, with_slash, &capture) && capture.name != NULL) {
      capture.rest = "";
      keep_capture (match, i, &capture);
      return PH_ROUTE_ADD_SLASH;
    }
  }
  return PH_ROUTE_NONE;
}

PhRouteResult
ph_route_find (const PhRoute *routes, guint n_routes, const char *method, const char *path,
    PhRouteMatch *match)
{
  g_autoptr (GString) allow = g_string_new (NULL);
  Capture capture;

  *match = (PhRouteMatch){ .rest = "" };
  for (guint i = 0; i < n_routes; i++) {
    if (!match_pattern (routes[i].pattern, path, &capture))
      continue;
    if (allow->len == 0 || allows_method (&routes[i], method))
      keep_capture (match, i, &capture);
    if (allows_method (&routes[i], method))
      return PH_ROUTE_FOUND;
    add_allowed (allow, routes[i].method);
  }
  if (allow->len == 0)
    return find_with_slash (routes, n_routes, path, match);
  add_allowed (allow, "OPTIONS");
  match->allow = g_strdup (allow->str);
  return PH_ROUTE_WRONG_METHOD;
}

void
ph_route_match_clear (PhRouteMatch *match)
{
  g_clear_pointer (&match->name, g_free);
  g_clear_pointer (&match->allow, g_free);
}
