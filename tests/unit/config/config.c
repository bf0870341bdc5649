/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/config.h"

#include "build-config.h"

#include <glib/gstdio.h>

typedef struct {
  char *folder;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("porthole-XXXXXX", NULL);
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir =
      !g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? g_dir_open (path, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);
    remove_all (child);
  }
  g_remove (path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  remove_all (f->folder);
  g_free (f->folder);
}

static char *
put (Fixture *f, const char *name, const char *text)
{
  g_autofree char *file = g_build_filename (f->folder, name, NULL);
  g_autofree char *folder = g_path_get_dirname (file);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  return g_steal_pointer (&file);
}

static PhConfig *
load (const char *file)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;
  PhConfig *config = ph_config_load (file, &problems, &error);

  for (guint i = 0; i < problems->len; i++)
    g_test_message ("%s", (char *)g_ptr_array_index (problems, i));
  g_assert_cmpuint (problems->len, ==, 0);
  g_assert_no_error (error);
  return config;
}

static const PhCameraConfig *
get_camera (const PhConfig *config, guint index)
{
  g_assert_cmpuint (index, <, config->cameras->len);
  return g_ptr_array_index (config->cameras, index);
}

static const PhStreamConfig *
get_stream (const PhCameraConfig *camera, guint index)
{
  g_assert_cmpuint (index, <, camera->streams->len);
  return g_ptr_array_index (camera->streams, index);
}

static void
check_preset_streams (const PhCameraConfig *camera)
{
  const PhStreamConfig *main = get_stream (camera, 0);
  const PhStreamConfig *sub = get_stream (camera, 1);
  const PhStreamConfig *jpeg = get_stream (camera, 2);

  g_assert_cmpuint (camera->streams->len, ==, 3);
  g_assert_cmpstr (main->name, ==, "main");
  g_assert_cmpint (main->codec, ==, PH_CODEC_H264);
  g_assert_cmpuint (main->width, ==, 0);
  g_assert_cmpfloat (main->framerate, ==, 0);
  g_assert_cmpuint (main->bitrate, ==, 4000);
  g_assert_cmpfloat (main->keyframe_interval, ==, 2.0);

  g_assert_cmpstr (sub->name, ==, "sub");
  g_assert_cmpint (sub->codec, ==, PH_CODEC_H264);
  g_assert_cmpuint (sub->width, ==, 640);
  g_assert_cmpuint (sub->height, ==, 360);
  g_assert_cmpfloat (sub->framerate, ==, 10);
  g_assert_cmpuint (sub->bitrate, ==, 400);

  g_assert_cmpstr (jpeg->name, ==, "jpeg");
  g_assert_cmpint (jpeg->codec, ==, PH_CODEC_JPEG);
  g_assert_cmpfloat (jpeg->framerate, ==, 10);
  g_assert_cmpuint (jpeg->quality, ==, 80);
  g_assert_cmpuint (jpeg->bitrate, ==, 0);
}

static void
check_presets (const PhConfig *config)
{
  const PhCameraConfig *camera = get_camera (config, 0);

  g_assert_cmpstr (config->http->listen, ==, "any");
  g_assert_cmpuint (config->http->port, ==, 8081);
  g_assert_cmpfloat (config->http->segment_duration, ==, 2.0);
  g_assert_cmpfloat (config->http->part_duration, ==, 0.2);
  g_assert_cmpuint (config->http->playlist_segments, ==, 10);
  g_assert_cmpfloat (config->http->mp4_max_age, ==, 2.0);
  g_assert_cmpfloat (config->http->mjpeg_max_age, ==, 0.5);
  g_assert_cmpfloat (config->rtsp->max_age, ==, 1.0);
  g_assert_cmpstr (config->rtsp->listen, ==, "any");
  g_assert_cmpuint (config->rtsp->port, ==, 8554);
  g_assert_false (config->rtsp->multicast);
  g_assert_cmpuint (config->http->tls_port, ==, 8443);
  g_assert_cmpuint (config->rtsp->tls_port, ==, 8322);
  g_assert_cmpuint (g_strv_length (config->http->hostnames), ==, 0);
  g_assert_false (config->access->is_anonymous);
  g_assert_false (config->access->basic_over_plain);
  g_assert_cmpuint (config->access->users->len, ==, 0);
  g_assert_null (config->tls->certificate);
  g_assert_cmpuint (config->cameras->len, ==, 1);
  g_assert_cmpstr (camera->name, ==, "test");
  g_assert_cmpstr (camera->title, ==, "Test picture");
  g_assert_cmpstr (camera->encoder, ==, "auto");
  g_assert_cmpfloat (camera->linger, ==, 10);
  g_assert_cmpint (camera->source->type, ==, PH_SOURCE_TEST);
  g_assert_cmpuint (camera->source->width, ==, 1280);
  g_assert_cmpuint (camera->source->height, ==, 720);
  g_assert_cmpfloat (camera->source->framerate, ==, 30);
  g_assert_cmpstr (camera->source->pattern, ==, "smpte");
  check_preset_streams (camera);
}

static void
without_a_file_there_is_one_test_camera (Fixture *f, gconstpointer data)
{
  g_autoptr (PhConfig) config = NULL;

  if (g_file_test (PH_SYSCONFDIR "/porthole.json", G_FILE_TEST_EXISTS)) {
    g_test_skip ("this machine has settings of its own");
    return;
  }
  config = load (NULL);
  g_assert_null (config->file);
  g_assert_null (get_camera (config, 0)->file);
  check_presets (config);
}

static void
an_empty_object_means_all_presets (Fixture *f, gconstpointer data)
{
  g_autofree char *file = put (f, "porthole.json", "{}");
  g_autoptr (PhConfig) config = load (file);

  g_assert_cmpstr (config->file, ==, file);
  check_presets (config);
}

static void
a_name_that_leads_here_is_our_own (Fixture *f, gconstpointer data)
{
  g_autofree char *file = put (f, "porthole.json",
      "{ \"http\": { \"hostnames\": [\"cam.lan\"] }, \"remote\": { \"ddns\": ["
      "{ \"provider\": \"no-ip\", \"hostname\": \"Cam.Example.org\" },"
      "{ \"provider\": \"dynu\", \"hostname\": \"*.example.org\" } ] } }");
  g_autoptr (PhConfig) config = load (file);
  g_autofree char *names = g_strjoinv (" ", config->http->hostnames);

  g_assert_cmpstr (names, ==, "cam.lan cam.example.org");
}

static void
the_users_own_file_is_found (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (g_get_user_config_dir (), "porthole", NULL);
  g_autofree char *file = g_build_filename (folder, "porthole.json", NULL);
  g_autoptr (PhConfig) config = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "{ \"http\": { \"port\": 8082 } }", -1, NULL));
  config = load (NULL);
  g_assert_cmpstr (config->file, ==, file);
  g_assert_cmpuint (config->http->port, ==, 8082);
  g_remove (file);
}

static void
every_key_is_read (Fixture *f, gconstpointer data)
{
  g_autofree char *file = put (f, "porthole.json",
      "\xef\xbb\xbf// comments are fine\n"
      "{ \"http\": { \"listen\": \"loopback\", \"port\": 80, \"segment_duration\": 4,\n"
      "    \"part_duration\": 0.5, \"playlist_segments\": 10 }, /* also\nthese */\n"
      "  \"rtsp\": { \"listen\": \"::1\", \"port\": 554, \"multicast\": true,\n"
      "    \"multicast_address\": \"239.1.1.1\", \"multicast_port\": 20000 },\n"
      "  \"cameras\": [\n"
      "    { \"name\": \"a\", \"title\": \"T\\u00fcr\", \"encoder\": \"x264enc\", \"linger\": "
      "0.5,\n"
      "      \"source\": { \"type\": \"rtsp\", \"url\": \"rtsps://10.0.0.9:322/h264?ch=1\",\n"
      "        \"username\": \"u\", \"password_file\": \"secret\", \"transport\": \"tcp\" },\n"
      "      \"streams\": [ { \"name\": \"only\", \"codec\": \"h264\", \"width\": 320,\n"
      "        \"height\": 240, \"framerate\": 7.5, \"bitrate\": 300,\n"
      "        \"keyframe_interval\": 1e0 } ] },\n"
      "    { \"name\": \"b\", \"source\": { \"type\": \"v4l2\", \"device\": \"/dev/video7\",\n"
      "        \"format\": \"mjpeg\" } },\n"
      "    { \"name\": \"c\", \"source\": { \"type\": \"libcamera\", \"camera\": \"/base/i2c\" } "
      "},\n"
      "    { \"name\": \"d\", \"source\": { \"type\": \"file\", \"path\": \"../d.mp4\" } },\n"
      "    { \"name\": \"e\", \"source\": { \"type\": \"launch\", \"launch\": \"a ! b\" } } ] }");
  g_autofree char *secret = g_build_filename (f->folder, "secret", NULL);
  g_autofree char *parent = g_path_get_dirname (f->folder);
  g_autofree char *movie = g_build_filename (parent, "d.mp4", NULL);
  g_autoptr (PhConfig) config = load (file);
  const PhCameraConfig *a = get_camera (config, 0);
  const PhStreamConfig *only = get_stream (a, 0);

  g_assert_cmpstr (config->http->listen, ==, "loopback");
  g_assert_cmpuint (config->http->port, ==, 80);
  g_assert_cmpfloat (config->http->segment_duration, ==, 4);
  g_assert_cmpfloat (config->http->part_duration, ==, 0.5);
  g_assert_cmpuint (config->http->playlist_segments, ==, 10);
  g_assert_cmpstr (config->rtsp->listen, ==, "::1");
  g_assert_cmpuint (config->rtsp->port, ==, 554);
  g_assert_true (config->rtsp->multicast);
  g_assert_cmpstr (config->rtsp->multicast_address, ==, "239.1.1.1");
  g_assert_cmpuint (config->rtsp->multicast_port, ==, 20000);

  g_assert_cmpuint (config->cameras->len, ==, 5);
  g_assert_cmpstr (a->title, ==, "Tür");
  g_assert_cmpstr (a->encoder, ==, "x264enc");
  g_assert_cmpfloat (a->linger, ==, 0.5);
  g_assert_cmpstr (a->file, ==, file);
  g_assert_cmpstr (a->source->url, ==, "rtsps://10.0.0.9:322/h264?ch=1");
  g_assert_cmpstr (a->source->username, ==, "u");
  g_assert_cmpstr (a->source->password_file, ==, secret);
  g_assert_cmpint (a->source->transport, ==, PH_TRANSPORT_TCP);
  g_assert_cmpuint (a->streams->len, ==, 1);
  g_assert_cmpuint (only->width, ==, 320);
  g_assert_cmpuint (only->height, ==, 240);
  g_assert_cmpfloat (only->framerate, ==, 7.5);
  g_assert_cmpuint (only->bitrate, ==, 300);
  g_assert_cmpfloat (only->keyframe_interval, ==, 1);

  g_assert_cmpstr (get_camera (config, 1)->title, ==, "b");
  g_assert_cmpstr (get_camera (config, 1)->source->device, ==, "/dev/video7");
  g_assert_cmpint (get_camera (config, 1)->source->format, ==, PH_V4L2_MJPEG);
  g_assert_cmpstr (get_camera (config, 2)->source->camera, ==, "/base/i2c");
  g_assert_cmpstr (get_camera (config, 3)->source->path, ==, movie);
  g_assert_cmpstr (get_camera (config, 4)->source->launch, ==, "a ! b");
  check_preset_streams (get_camera (config, 4));
}

#define CAMERA(name) "{ \"name\": \"" name "\", \"source\": { \"type\": \"test\" } }"

static void
names_of_files_are_relative_to_the_file_they_stand_in (Fixture *f, gconstpointer data)
{
  g_autofree char *front = put (f, "odd [1]*/cameras/front.json",
      "{ \"name\": \"front\", \"source\": { \"type\": \"file\", \"path\": \"front.mp4\" } }");
  g_autofree char *file =
      put (f, "odd [1]*/porthole.json", "{ \"cameras\": [ \"cameras/*.json\" ] }");
  g_autofree char *movie = g_build_filename (f->folder, "odd [1]*", "cameras", "front.mp4", NULL);
  g_autoptr (PhConfig) config = load (file);

  g_assert_cmpuint (config->cameras->len, ==, 1);
  g_assert_cmpstr (get_camera (config, 0)->file, ==, front);
  g_assert_cmpstr (get_camera (config, 0)->source->path, ==, movie);
}

static void
patterns_take_what_matches_in_order_and_each_file_once (Fixture *f, gconstpointer data)
{
  static const char *const expected[] = { "c", "inline", "a", "b" };
  G_GNUC_UNUSED g_autofree char *b = put (f, "b.json", CAMERA ("b"));
  G_GNUC_UNUSED g_autofree char *c = put (f, "c.json", CAMERA ("c"));
  G_GNUC_UNUSED g_autofree char *a = put (f, "a.json", CAMERA ("a"));
  G_GNUC_UNUSED g_autofree char *hidden = put (f, ".hidden.json", CAMERA ("hidden"));
  g_autofree char *file = put (f, "porthole.conf",
      "{ \"cameras\": [ \"c.json\", " CAMERA ("inline") ", \"?.json\", \"none-*.json\" ] }");
  g_autoptr (PhConfig) config = load (file);

  g_assert_cmpuint (config->cameras->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpstr (get_camera (config, i)->name, ==, expected[i]);
}

static void
no_cameras_at_all_is_a_choice (Fixture *f, gconstpointer data)
{
  g_autofree char *file = put (f, "porthole.json", "{ \"cameras\": [] }");
  g_autoptr (PhConfig) config = load (file);

  g_assert_cmpuint (config->cameras->len, ==, 0);
}

static void
one_camera_file_alone_stands_on_preset_servers (Fixture *f, gconstpointer data)
{
  g_autofree char *file = put (f, "test.json", CAMERA ("test"));
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhConfig) config = ph_config_load_camera (file, &problems, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (problems->len, ==, 0);
  g_assert_cmpuint (config->cameras->len, ==, 1);
  g_assert_cmpstr (get_camera (config, 0)->title, ==, "test");
  g_assert_cmpuint (config->http->port, ==, 8081);
}

static void
files_of_cameras_are_told_from_settings (Fixture *f, gconstpointer data)
{
  static const struct {
    const char *text;
    gboolean is_camera;
  } rows[] = {
    { CAMERA ("x"), TRUE },
    { "{ \"name\": \"x\", \"sorce\": {} }", TRUE },
    { "{ \"cameras\": [] }", FALSE },
    { "{ \"name\": \"x\", \"http\": {} }", FALSE },
    { "{}", FALSE },
    { "[]", FALSE },
    { "{", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *file = put (f, "x.json", rows[i].text);

    g_assert_cmpint (ph_config_is_camera_file (file), ==, rows[i].is_camera);
  }
  g_assert_false (ph_config_is_camera_file ("/nonexistent"));
}

static void
a_snapshot_lives_as_long_as_its_last_reference (Fixture *f, gconstpointer data)
{
  g_autofree char *file = put (f, "porthole.json", "{}");
  PhConfig *config = load (file);
  PhConfig *second = ph_config_ref (config);

  ph_config_unref (config);
  g_assert_cmpstr (get_camera (second, 0)->name, ==, "test");
  ph_config_unref (second);
}

static void
users_are_read_with_what_they_may_see (Fixture *f, gconstpointer data)
{
  g_autofree char *file = put (f, "porthole.json",
      "{ \"access\": { \"users\": ["
      " { \"name\": \"anna\", \"password_file\": \"anna.txt\", \"cameras\": [ \"front\", \"g*\" ] "
      "},"
      " { \"name\": \"root@home\", \"role\": \"admin\","
      "   \"digest\": { \"md5\": \"0123456789abcdef0123456789abcdef\" } } ] },"
      " \"tls\": { \"certificate\": \"c.pem\", \"key\": \"/k.pem\" } }");
  g_autofree char *password_file = g_build_filename (f->folder, "anna.txt", NULL);
  g_autofree char *certificate = g_build_filename (f->folder, "c.pem", NULL);
  g_autoptr (PhConfig) config = load (file);
  const PhUserConfig *anna = g_ptr_array_index (config->access->users, 0);
  const PhUserConfig *root = g_ptr_array_index (config->access->users, 1);

  g_assert_cmpuint (config->access->users->len, ==, 2);
  g_assert_cmpint (anna->role, ==, PH_ROLE_VIEWER);
  g_assert_cmpstr (anna->password_file, ==, password_file);
  g_assert_cmpstrv (anna->cameras, ((const char *const[]){ "front", "g*", NULL }));
  g_assert_cmpint (root->role, ==, PH_ROLE_ADMIN);
  g_assert_cmpstr (root->digest->md5, ==, "0123456789abcdef0123456789abcdef");
  g_assert_null (root->digest->sha256);
  g_assert_cmpstrv (root->cameras, ((const char *const[]){ "*", NULL }));
  g_assert_cmpstr (config->tls->certificate, ==, certificate);
  g_assert_cmpstr (config->tls->key, ==, "/k.pem");
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*run) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/config/config/built-in", without_a_file_there_is_one_test_camera },
    { "/config/config/empty", an_empty_object_means_all_presets },
    { "/config/config/user", the_users_own_file_is_found },
    { "/config/config/own-names", a_name_that_leads_here_is_our_own },
    { "/config/config/all", every_key_is_read },
    { "/config/config/relative", names_of_files_are_relative_to_the_file_they_stand_in },
    { "/config/config/patterns", patterns_take_what_matches_in_order_and_each_file_once },
    { "/config/config/users", users_are_read_with_what_they_may_see },
    { "/config/config/none", no_cameras_at_all_is_a_choice },
    { "/config/config/camera", one_camera_file_alone_stands_on_preset_servers },
    { "/config/config/kind", files_of_cameras_are_told_from_settings },
    { "/config/config/reference", a_snapshot_lives_as_long_as_its_last_reference },
  };

  /* Not G_TEST_OPTION_ISOLATE_DIRS, which leaks. */
  g_autofree char *home = g_dir_make_tmp ("porthole-XXXXXX", NULL);
  int status;

  g_setenv ("XDG_CONFIG_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].run, tear_down);
  status = g_test_run ();
  remove_all (home);
  return status;
}
