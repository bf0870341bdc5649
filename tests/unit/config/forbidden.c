/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/forbidden.h"

typedef struct {
  const char *body;
  gboolean is_forbidden;
} Row;

static void
check (const Row *rows, guint n_rows, char *(*find) (JsonNode *body))
{
  for (guint i = 0; i < n_rows; i++) {
    g_autoptr (JsonNode) body = json_from_string (rows[i].body, NULL);
    g_autofree char *found = find (body);

    g_test_message ("%s: %s", rows[i].body, found != NULL ? found : "taken");
    g_assert_true ((found != NULL) == rows[i].is_forbidden);
  }
}

static void
pipelines_and_files_are_not_taken (void)
{
  static const Row rows[] = {
    { "{\"title\":\"launch\"}", FALSE },
    { "{\"source\":{\"type\":\"rtsp\",\"url\":\"rtsp://192.0.2.9/\"}}", FALSE },
    { "{\"source\":{\"type\":\"v4l2\",\"device\":\"/dev/video0\"}}", FALSE },
    { "{\"source\":{\"password_file\":null}}", FALSE },
    { "{\"source\":{\"type\":\"launch\"}}", TRUE },
    { "{\"source\":{\"type\":\"file\"}}", TRUE },
    { "{\"source\":{\"launch\":\"videotestsrc\"}}", TRUE },
    { "{\"source\":{\"path\":\"/x\"}}", TRUE },
    { "{\"source\":{\"password_file\":\"/etc/shadow\"}}", TRUE },
    { "{\"source\":{\"device\":\"/dev/../etc/shadow\"}}", TRUE },
    { "{\"streams\":[1,{\"deep\":[[{\"type\":\"launch\"}]]}]}", TRUE },
  };

  check (rows, G_N_ELEMENTS (rows), ph_forbidden_find_in_camera);
}

static void
who_may_look_and_secrets_are_not_taken (void)
{
  static const Row rows[] = {
    { "{}", FALSE },
    { "{\"http\":{\"port\":8088},\"rtsp\":{\"multicast\":true}}", FALSE },
    { "{\"remote\":{\"allowance\":50,\"port_mapping\":{\"enabled\":true}}}", FALSE },
    { "{\"http\":{\"acme_webroot\":null}}", FALSE },
    { "{\"unknown\":{\"password\":\"x\"},\"remote\":[1,\"x\"]}", FALSE },
    { "{\"access\":{\"anonymous\":true}}", TRUE },
    { "{\"access\":null}", TRUE },
    { "{\"tls\":{}}", TRUE },
    { "{\"cameras\":[]}", TRUE },
    { "{\"http\":{\"acme_webroot\":\"/etc\"}}", TRUE },
    { "{\"remote\":{\"ddns\":[{\"hostname\":\"a\"},{\"password\":\"x\"}]}}", TRUE },
    { "{\"remote\":{\"ddns\":[{\"password_file\":\"/etc/shadow\"}]}}", TRUE },
  };

  check (rows, G_N_ELEMENTS (rows), ph_forbidden_find_in_settings);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/forbidden/camera", pipelines_and_files_are_not_taken);
  g_test_add_func ("/config/forbidden/settings", who_may_look_and_secrets_are_not_taken);
  return g_test_run ();
}
