/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "main/permissions.h"

#include "http/route-list.h"
#include "rtsp/guard.h"

#include <stdio.h>

/* "granted": of the cameras that an entry, or "anonymous" in a camera, grants. */
static const char *
say_grant (PhGrant grant)
{
  static const char *const words[] = {
    [PH_GRANT_NO] = "no", [PH_GRANT_CAMERAS] = "granted", [PH_GRANT_YES] = "yes"
  };

  return words[grant];
}

static void
print_row (const char *method, const char *pattern, PhPermission permission, const char *by_link)
{
  const PhGrantRow *row = &ph_grant_table[permission];

  printf ("%-13s %-34s %-6s %-9s %-5s %-8s %s\n", method, pattern, row->name,
      say_grant (row->anonymous), permission == PH_PERMISSION_OPEN ? "yes" : by_link,
      say_grant (row->viewer), say_grant (row->admin));
}

static void
print_help (void)
{
  printf ("# what is asked for:\n");
  for (guint i = 0; i < PH_N_PERMISSIONS; i++)
    printf ("#   %-6s %s\n", ph_grant_table[i].name, ph_grant_table[i].help);
  printf (
      "# \"granted\": for the cameras of the user's entry, and those with \"anonymous\"; \"its\": "
      "for the link's camera\n"
      "# without users and anonymous cameras only this machine is served, and may do everything\n");
}

void
ph_permissions_print (void)
{
  guint n_routes;
  const PhRoute *routes = ph_http_get_routes (&n_routes);

  print_help ();
  printf ("%-13s %-34s %-6s %-9s %-5s %-8s %s\n", "METHOD", "ROUTE", "ASKS", "ANONYMOUS", "LINK",
      "VIEWER", "ADMIN");
  for (guint i = 0; i < PH_RTSP_N_METHODS; i++)
    print_row (gst_rtsp_method_as_text (ph_rtsp_methods[i].method), "rtsp://NAME",
        ph_rtsp_methods[i].permission, "no");
  for (guint i = 0; i < n_routes; i++)
    print_row (routes[i].method, routes[i].pattern, routes[i].permission,
        routes[i].link != PH_ROUTE_NO_LINK ? "its" : "no");
}
