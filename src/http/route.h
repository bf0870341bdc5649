/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which row of a table of routes a method and a path belong to. No server is needed here. */
#pragma once

#include "http/guard.h"
#include "http/request.h"

/* Whether a signed link (link-path.h) leads there too, and where its requests say which stream. */
typedef enum { PH_ROUTE_NO_LINK, PH_ROUTE_STREAM_IN_QUERY, PH_ROUTE_STREAM_IN_PATH } PhRouteLink;

typedef struct {
  /* "/healthz", "/NAME/mjpeg", "/assets/…": a path segment NAME stands for a camera's name, a
   * "*" at the end for anything that is left, at least one character. */
  const char *pattern;
  const char *method; /* "GET" (which gives HEAD too), "POST", … */
  PhPermission permission;
  PhRouteHandler handler;
  /* Where the struct that comes with the table keeps the pointer the handler is given as
   * user_data: G_STRUCT_OFFSET (Owners, member). */
  gsize owner;
  PhRouteLink link;
  gboolean has_ended_cameras; /* of a camera that is gone, for a while (ended.h) */
  gboolean is_endless; /* whoever is answered is a viewer, of whom there may be only so many */
} PhRoute;

typedef enum {
  PH_ROUTE_FOUND,
  PH_ROUTE_ADD_SLASH, /* the path lacks its last "/" */
  PH_ROUTE_WRONG_METHOD,
  PH_ROUTE_NONE
} PhRouteResult;

typedef struct {
  guint index; /* of the row; for a wrong method, of one that has the path */
  char *name; /* nullable: what stands for NAME; owned */
  const char *rest; /* points into path; "" when there is none */
  char *allow; /* with PH_ROUTE_WRONG_METHOD: what the header Allow says; owned */
} PhRouteMatch;

/* OPTIONS of a known path is PH_ROUTE_WRONG_METHOD: its answer is in allow. */
PhRouteResult ph_route_find (const PhRoute *routes, guint n_routes, const char *method,
    const char *path, PhRouteMatch *match);
void ph_route_match_clear (PhRouteMatch *match);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhRouteMatch, ph_route_match_clear)
