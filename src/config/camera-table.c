/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/tables.h"

#include "base/reader.h"
#include "config/camera-config.h"

#include <stdlib.h>

#define IN(codec) (1u << (PH_CODEC_##codec))
#define MAX_STREAMS 16
#define MAX_PUSHES 8

#define NAME_PATTERN "^[a-z0-9-]+$"
#define NAME_LENGTH 63
#define NAME_ALLOWED "1 to 63 of the characters a-z, 0-9 and \"-\""

static const char *const codecs[] = { "h264", "jpeg", NULL };

/* What a path of the HTTP server or a later one already means. */
static const char *const reserved_names[] = { "api", "assets", "healthz", "login", "logout",
  "metrics", "onvif", "reach", NULL };

/* Hardware first; the order in which camera/ tries them is its own. */
const char *const ph_encoder_choices[] = { "auto", "nvh264enc", "vah264enc", "vah264lpenc",
  "vaapih264enc", "qsvh264enc", "v4l2h264enc", "mpph264enc", "omxh264enc", "x264enc", "openh264enc",
  NULL };

static const char preset_streams[] =
    "[ { \"name\": \"main\", \"codec\": \"h264\" },"
    " { \"name\": \"sub\", \"codec\": \"h264\", \"width\": 640, \"height\": 360, \"framerate\": 10,"
    " \"bitrate\": 400 },"
    " { \"name\": \"jpeg\", \"codec\": \"jpeg\", \"framerate\": 10, \"quality\": 80 } ]";

/* clang-format off */
#define AT(member) G_STRUCT_OFFSET (PhStreamConfig, member)
static const PhField stream_fields[] = {
  { "name", PH_FIELD_TEXT, AT (name), NULL, "The stream's name, unique in its camera, part of its URL",
    PH_FIELD_REQUIRED, .max = NAME_LENGTH, .pattern = NAME_PATTERN, .allowed = NAME_ALLOWED },
  { "codec", PH_FIELD_ENUM, AT (codec), NULL, "How the pictures are coded",
    PH_FIELD_REQUIRED, .choices = codecs },
  { "width", PH_FIELD_UINT, AT (width), NULL, "Width; without it the source's. Even for h264",
    .min = 16, .max = 8192, .unit = "pixels", .needs = "height" },
  { "height", PH_FIELD_UINT, AT (height), NULL, "Height; without it the source's. Even for h264",
    .min = 16, .max = 8192, .unit = "pixels", .needs = "width" },
  { "framerate", PH_FIELD_DOUBLE, AT (framerate), NULL, "Frame rate; without it the source's",
    .min = 0.1, .max = 240, .unit = "frames/s" },
  { "bitrate", PH_FIELD_UINT, AT (bitrate), "4000", "Bit rate to aim at",
    .min = 16, .max = 200000, .unit = "kbit/s", .variants = IN (H264) },
  { "keyframe_interval", PH_FIELD_DOUBLE, AT (keyframe_interval), "2.0", "Time from one keyframe to the next",
    .min = 0.1, .max = 60, .unit = "seconds", .variants = IN (H264) },
  { "quality", PH_FIELD_UINT, AT (quality), "80", "JPEG quality",
    .min = 1, .max = 100, .variants = IN (JPEG) },
  { NULL },
};
#undef AT

#define AT(member) G_STRUCT_OFFSET (PhPushConfig, member)
static const PhField push_fields[] = {
  { "url", PH_FIELD_TEXT, AT (url), NULL, "Address that the stream is published at, without user name and password",
    PH_FIELD_REQUIRED | PH_FIELD_PRIVATE, .max = 2000,
    .pattern = "^rtsps?://[^/?#@\\s\"'\\\\]+([/?#][^\\s\"'\\\\]*)?$",
    .allowed = "an address that starts with \"rtsp://\" or \"rtsps://\" and has no user name and no password in it "
               "(they belong in username and password_file)" },
  { "stream", PH_FIELD_TEXT, AT (stream), NULL, "Name of the h264 stream to push; without it the first",
    .max = NAME_LENGTH, .pattern = NAME_PATTERN, .allowed = NAME_ALLOWED },
  { "username", PH_FIELD_TEXT, AT (username), NULL, "User name at the media server",
    .max = 255, .needs = "password_file" },
  { "password_file", PH_FIELD_PATH, AT (password_file), NULL, "File with the password for the media server in its first line",
    .needs = "username" },
  { NULL },
};
#undef AT

#define AT(member) G_STRUCT_OFFSET (PhCameraConfig, member)
static const PhField camera_fields[] = {
  { "name", PH_FIELD_TEXT, AT (name), NULL, "The camera's name, the path in every URL",
    PH_FIELD_REQUIRED, .max = NAME_LENGTH, .pattern = NAME_PATTERN, .reserved = reserved_names,
    .allowed = NAME_ALLOWED ", but none of api, assets, healthz, login, logout, metrics, onvif, reach" },
  { "title", PH_FIELD_TEXT, AT (title), NULL, "What people call the camera; without it the name",
    .max = 100 },
  { "source", PH_FIELD_TABLE, AT (source), NULL, "Where the pictures come from",
    PH_FIELD_REQUIRED, .table = &ph_source_table },
  { "streams", PH_FIELD_LIST, AT (streams), preset_streams, "What is made of the pictures, the best stream first; without it main (h264), sub (h264, 640x360, 10 frames/s, 400 kbit/s) and jpeg (10 frames/s)",
    .min = 1, .max = MAX_STREAMS, .table = &ph_stream_table },
  { "push", PH_FIELD_LIST, AT (pushes), "[]", "Media servers that a stream is pushed to, whether anybody looks or not (RTSP: ANNOUNCE and RECORD, over TCP)",
    .max = MAX_PUSHES, .table = &ph_push_table },
  { "encoder", PH_FIELD_WORD, AT (encoder), "\"auto\"", "H.264 encoder; auto tries hardware first and takes what works",
    .choices = ph_encoder_choices },
  { "anonymous", PH_FIELD_BOOLEAN, AT (is_anonymous), "false", "Whether anybody may look at this camera without a password" },
  { "linger", PH_FIELD_DOUBLE, AT (linger), "10", "Time the device stays open after the last viewer left",
    .min = 0, .max = 3600, .unit = "seconds" },
  { NULL },
};
#undef AT
/* clang-format on */

static void
finish_stream (PhReader *reader, gpointer record)
{
  const PhStreamConfig *stream = record;

  if (stream->codec != PH_CODEC_H264)
    return;
  if (stream->width % 2 != 0)
    ph_reader_add_problem (
        reader, "width", "found %u; allowed: an even number, as h264 demands", stream->width);
  if (stream->height % 2 != 0)
    ph_reader_add_problem (
        reader, "height", "found %u; allowed: an even number, as h264 demands", stream->height);
}

static void
check_stream_names (PhReader *reader, const PhCameraConfig *camera)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < camera->streams->len; i++) {
    const PhStreamConfig *stream = g_ptr_array_index (camera->streams, i);
    g_autofree char *key = g_strdup_printf ("streams[%u].name", i);

    if (stream->name != NULL && !g_hash_table_add (names, stream->name))
      ph_reader_add_problem (reader, key,
          "found \"%s\" for a second stream; allowed: a name of its own", stream->name);
  }
}

static void
check_pushes (PhReader *reader, const PhCameraConfig *camera)
{
  for (guint i = 0; i < camera->pushes->len; i++) {
    const PhPushConfig *push = g_ptr_array_index (camera->pushes, i);
    const PhStreamConfig *stream =
        ph_camera_config_find_stream (camera, push->stream, PH_CODEC_H264);
    g_autofree char *key = g_strdup_printf ("push[%u].stream", i);

    if (stream == NULL || stream->codec != PH_CODEC_H264)
      ph_reader_add_problem (reader, key,
          "found %s; allowed: the name of an h264 stream of this camera",
          push->stream != NULL ? push->stream : "none, and this camera has no h264 stream");
  }
}

/* A stream without a size has the source's. */
static void
check_source_size (PhReader *reader, const PhCameraConfig *camera)
{
  const PhSourceConfig *source = camera->source;

  if (source->width % 2 == 0 && source->height % 2 == 0)
    return;
  for (guint i = 0; i < camera->streams->len; i++) {
    const PhStreamConfig *stream = g_ptr_array_index (camera->streams, i);

    if (stream->codec != PH_CODEC_H264 || stream->width != 0)
      continue;
    ph_reader_add_problem (reader, source->width % 2 != 0 ? "source.width" : "source.height",
        "found %u; allowed: an even number, as the h264 stream \"%s\" has no size of its own",
        source->width % 2 != 0 ? source->width : source->height,
        stream->name != NULL ? stream->name : "");
    return;
  }
}

static void
check_name (PhReader *reader, const PhCameraConfig *camera, PhCameraCensus *census)
{
  const char *other = NULL;

  if (camera->name == NULL)
    return;
  other = g_hash_table_lookup (census->names, camera->name);
  if (other != NULL)
    ph_reader_add_problem (reader, "name",
        "found \"%s\", which is the name of a camera in %s too; allowed: a name of its own",
        camera->name, other);
  else
    g_hash_table_insert (census->names, g_strdup (camera->name),
        g_strdup (camera->file != NULL ? camera->file : "the built-in settings"));
}

/* What a source opens that nobody else can open meanwhile; free with g_free. Udev's links and the
 * device they lead to are one. NULL: nothing of that kind. */
static char *
make_device_id (const PhSourceConfig *source)
{
  g_autofree char *resolved = NULL;

  if (source->type == PH_SOURCE_LIBCAMERA)
    return g_strdup (source->camera != NULL ? source->camera : "the first libcamera camera");
  if (source->type != PH_SOURCE_V4L2)
    return NULL;
  /* realpath's result is for free(), which is what g_free is since GLib 2.46. */
  resolved = realpath (source->device, NULL);
  return resolved != NULL ? g_steal_pointer (&resolved)
                          : g_canonicalize_filename (source->device, "/");
}

static void
check_device (PhReader *reader, const PhCameraConfig *camera, PhCameraCensus *census)
{
  g_autofree char *id = make_device_id (camera->source);
  const char *other = id != NULL ? g_hash_table_lookup (census->devices, id) : NULL;

  if (other != NULL)
    ph_reader_add_problem (reader,
        camera->source->type == PH_SOURCE_V4L2 ? "source.device" : "source.camera",
        "found %s, which camera \"%s\" opens already; allowed: a device of its own", id, other);
  else if (id != NULL)
    g_hash_table_insert (census->devices, g_steal_pointer (&id),
        g_strdup (camera->name != NULL ? camera->name : "without a name"));
}

static void
finish_camera (PhReader *reader, gpointer record)
{
  PhCameraConfig *camera = record;
  PhCameraCensus *census = ph_reader_get_user_data (reader);

  camera->file = g_strdup (ph_reader_get_file (reader));
  if (camera->title == NULL)
    camera->title = g_strdup (camera->name);
  check_stream_names (reader, camera);
  check_pushes (reader, camera);
  check_name (reader, camera, census);
  if (camera->source == NULL)
    return;
  check_source_size (reader, camera);
  check_device (reader, camera, census);
}

static void
clear_camera (gpointer record)
{
  PhCameraConfig *camera = record;

  g_free (camera->file);
}

const PhTable ph_stream_table = {
  .name = "stream",
  .help = "One coded stream of a camera, coded once for all who watch it",
  .size = sizeof (PhStreamConfig),
  .discriminator = "codec",
  .fields = stream_fields,
  .finish = finish_stream,
};

const PhTable ph_push_table = {
  .name = "push",
  .help = "A media server that a stream of the camera is pushed to",
  .size = sizeof (PhPushConfig),
  .fields = push_fields,
};

const PhTable ph_camera_table = {
  .name = "camera",
  .help = "A camera: one device, and the streams made of it",
  .size = sizeof (PhCameraConfig),
  .fields = camera_fields,
  .finish = finish_camera,
  .clear = clear_camera,
};

PhCameraCensus
ph_camera_census_new (void)
{
  return (PhCameraCensus){
    .names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
    .devices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
    .files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
  };
}

void
ph_camera_census_clear (PhCameraCensus *self)
{
  g_clear_pointer (&self->names, g_hash_table_unref);
  g_clear_pointer (&self->devices, g_hash_table_unref);
  g_clear_pointer (&self->files, g_hash_table_unref);
}
