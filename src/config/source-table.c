/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/tables.h"

#include "base/reader.h"
#include "config/camera-config.h"

#define IN(type) (1u << (PH_SOURCE_##type))
#define AT(member) G_STRUCT_OFFSET (PhSourceConfig, member)

static const char *const types[] = { "libcamera", "v4l2", "rtsp", "file", "test", "launch", NULL };
static const char *const formats[] = { "auto", "raw", "mjpeg", "h264", NULL };
static const char *const transports[] = { "auto", "udp", "tcp", NULL };

/* A clock of our own, and videotestsrc's GstVideoTestSrcPattern. */
static const char *const patterns[] = { "clock", "smpte", "snow", "black", "white", "red", "green",
  "blue", "checkers-1", "checkers-2", "checkers-4", "checkers-8", "circular", "blink", "smpte75",
  "zone-plate", "gamut", "chroma-zone-plate", "solid-color", "ball", "smpte100", "bar", "pinwheel",
  "spokes", "gradient", "colors", "smpte-rp-219", NULL };

/* clang-format off */
static const PhField fields[] = {
  { "type", PH_FIELD_ENUM, AT (type), NULL, "Where the pictures come from",
    PH_FIELD_REQUIRED, .choices = types },
  { "width", PH_FIELD_UINT, AT (width), NULL, "Width to ask the source for; without it the source's own",
    .min = 16, .max = 8192, .unit = "pixels", .needs = "height" },
  { "height", PH_FIELD_UINT, AT (height), NULL, "Height to ask the source for",
    .min = 16, .max = 8192, .unit = "pixels", .needs = "width" },
  { "framerate", PH_FIELD_DOUBLE, AT (framerate), NULL, "Frame rate to ask the source for; without it the source's own",
    .min = 0.1, .max = 240, .unit = "frames/s" },

  { "camera", PH_FIELD_TEXT, AT (camera), NULL, "The camera's id as libcamera lists it; without it the first camera",
    .max = 256, .variants = IN (LIBCAMERA) },

  { "device", PH_FIELD_TEXT, AT (device), "\"/dev/video0\"", "The video device",
    .pattern = "^/dev/[A-Za-z0-9_./:+@-]+$", .allowed = "the path of a device, like \"/dev/video0\"",
    .variants = IN (V4L2) },
  { "format", PH_FIELD_ENUM, AT (format), "\"auto\"", "What to take from the device: H.264 or JPEG as the camera makes it, or raw pictures",
    .choices = formats, .variants = IN (V4L2) },

  { "url", PH_FIELD_TEXT, AT (url), NULL, "Address of the IP camera, without user name and password",
    PH_FIELD_REQUIRED | PH_FIELD_PRIVATE, .variants = IN (RTSP), .max = 2000,
    .pattern = "^rtsps?://[^/?#@\\s\"'\\\\]+([/?#][^\\s\"'\\\\]*)?$",
    .allowed = "an address that starts with \"rtsp://\" or \"rtsps://\" and has no user name and no password in it "
               "(they belong in username and password_file)" },
  { "username", PH_FIELD_TEXT, AT (username), NULL, "User name at the IP camera",
    .max = 255, .variants = IN (RTSP), .needs = "password_file" },
  { "password_file", PH_FIELD_PATH, AT (password_file), NULL, "File with the password for the IP camera in its first line",
    .variants = IN (RTSP), .needs = "username" },
  { "transport", PH_FIELD_ENUM, AT (transport), "\"auto\"", "How the IP camera sends: auto tries UDP first",
    .choices = transports, .variants = IN (RTSP) },

  { "path", PH_FIELD_PATH, AT (path), NULL, "Video file, played again and again",
    PH_FIELD_REQUIRED, .variants = IN (FILE) },

  { "pattern", PH_FIELD_WORD, AT (pattern), "\"smpte\"", "Test picture; clock shows the time in milliseconds, for people and for programs that measure latency",
    .choices = patterns, .variants = IN (TEST) },

  { "launch", PH_FIELD_TEXT, AT (launch), NULL, "Elements that end in pictures, as gst-launch-1.0 takes them",
    PH_FIELD_REQUIRED | PH_FIELD_PRIVATE, .max = 4000, .variants = IN (LAUNCH) },
  { NULL },
};
/* clang-format on */

const PhTable ph_source_table = {
  .name = "source",
  .help = "Where a camera's pictures come from; sizes and rates are wishes, the nearest that the "
          "source has is taken",
  .size = sizeof (PhSourceConfig),
  .discriminator = "type",
  .fields = fields,
};
