/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/v4l2-device.h"

#include "base/error.h"
#include "camera/v4l2-id.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
  guint32 fourcc;
  PhMedia media;
  const char *format;
} formats[] = {
  { V4L2_PIX_FMT_H264, PH_MEDIA_H264, NULL },
  { V4L2_PIX_FMT_MJPEG, PH_MEDIA_JPEG, NULL },
  { V4L2_PIX_FMT_JPEG, PH_MEDIA_JPEG, NULL },
  { V4L2_PIX_FMT_NV12, PH_MEDIA_RAW, "NV12" },
  { V4L2_PIX_FMT_NV12M, PH_MEDIA_RAW, "NV12" },
  { V4L2_PIX_FMT_YUV420, PH_MEDIA_RAW, "I420" },
  { V4L2_PIX_FMT_YUV420M, PH_MEDIA_RAW, "I420" },
  { V4L2_PIX_FMT_YVU420, PH_MEDIA_RAW, "YV12" },
  { V4L2_PIX_FMT_NV21, PH_MEDIA_RAW, "NV21" },
  { V4L2_PIX_FMT_YUYV, PH_MEDIA_RAW, "YUY2" },
  { V4L2_PIX_FMT_UYVY, PH_MEDIA_RAW, "UYVY" },
  { V4L2_PIX_FMT_YVYU, PH_MEDIA_RAW, "YVYU" },
  { V4L2_PIX_FMT_NV16, PH_MEDIA_RAW, "NV16" },
  { V4L2_PIX_FMT_RGB24, PH_MEDIA_RAW, "RGB" },
  { V4L2_PIX_FMT_BGR24, PH_MEDIA_RAW, "BGR" },
  { V4L2_PIX_FMT_GREY, PH_MEDIA_RAW, "GRAY8" },
};

static int
retry_ioctl (int fd, gulong request, gpointer argument)
{
  int result;

  do
    result = ioctl (fd, request, argument);
  while (result == -1 && errno == EINTR);
  return result;
}

/* V4L2 counts seconds per frame. */
static PhFramerate
invert (struct v4l2_fract interval)
{
  return (PhFramerate){ interval.denominator, interval.numerator };
}

static void
add_framerates (GArray *modes, PhCameraMode mode, int fd, guint32 fourcc)
{
  struct v4l2_frmivalenum interval = {
    .pixel_format = fourcc, .width = mode.width.max, .height = mode.height.max
  };

  while (retry_ioctl (fd, VIDIOC_ENUM_FRAMEINTERVALS, &interval) == 0) {
    gboolean is_range = interval.type != V4L2_FRMIVAL_TYPE_DISCRETE;

    mode.fastest = invert (is_range ? interval.stepwise.min : interval.discrete);
    mode.slowest = invert (is_range ? interval.stepwise.max : interval.discrete);
    if (mode.fastest.n > 0 && mode.fastest.d > 0)
      g_array_append_val (modes, mode);
    interval.index++;
    if (is_range)
      break;
  }
  if (interval.index == 0)
    g_array_append_val (modes, mode);
}

static void
add_sizes (GArray *modes, PhCameraMode mode, int fd, guint32 fourcc)
{
  struct v4l2_frmsizeenum size = { .pixel_format = fourcc };

  while (retry_ioctl (fd, VIDIOC_ENUM_FRAMESIZES, &size) == 0) {
    gboolean is_range = size.type != V4L2_FRMSIZE_TYPE_DISCRETE;

    mode.width = is_range ? (PhPixelRange){ size.stepwise.min_width, size.stepwise.max_width,
      size.stepwise.step_width }
                          : (PhPixelRange){ size.discrete.width, size.discrete.width, 1 };
    mode.height = is_range ? (PhPixelRange){ size.stepwise.min_height, size.stepwise.max_height,
      size.stepwise.step_height }
                           : (PhPixelRange){ size.discrete.height, size.discrete.height, 1 };
    add_framerates (modes, mode, fd, fourcc);
    size.index++;
    if (is_range)
      break;
  }
}

static void
add_modes (GArray *modes, int fd, enum v4l2_buf_type type)
{
  struct v4l2_fmtdesc description = { .type = type };

  for (; retry_ioctl (fd, VIDIOC_ENUM_FMT, &description) == 0; description.index++)
    for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
      if (formats[i].fourcc == description.pixelformat)
        add_sizes (modes, (PhCameraMode){ .media = formats[i].media, .format = formats[i].format },
            fd, description.pixelformat);
}

/* The group whose members may open it, free with g_free; NULL: that would not help. */
static char *
try_find_group (const char *path)
{
  struct stat status;
  const struct group *group = NULL;

  if (stat (path, &status) == 0 && (status.st_mode & S_IRGRP) != 0 && status.st_gid != 0)
    group = getgrgid (status.st_gid); /* nobody else in this program asks for groups */
  return group != NULL ? g_strdup (group->gr_name) : NULL;
}

static void
set_permission_error (const char *path, GError **error)
{
  g_autofree char *group = try_find_group (path);

  if (group != NULL)
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
        "no permission to open %s: add the user Porthole runs as to the group %s", path, group);
  else
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
        "no permission to open %s: the user Porthole runs as needs to read and write it", path);
}

static void
set_open_error (const char *path, int number, GError **error)
{
  if (number == ENOENT || number == ENODEV || number == ENXIO)
    g_set_error (
        error, PH_ERROR, PH_ERROR_NOT_FOUND, "there is no camera at %s: is it plugged in?", path);
  else if (number == EACCES || number == EPERM)
    set_permission_error (path, error);
  else if (number == EBUSY)
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE, "%s is in use by another program", path);
  else
    g_set_error (
        error, PH_ERROR, PH_ERROR_UNAVAILABLE, "cannot open %s: %s", path, g_strerror (number));
}

/* 0: the device does not capture. */
static guint32
get_capture_type (int fd, struct v4l2_capability *capability)
{
  guint32 flags;

  if (retry_ioctl (fd, VIDIOC_QUERYCAP, capability) == -1)
    return 0;
  flags = (capability->capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? capability->device_caps
                                                                 : capability->capabilities;
  if ((flags & V4L2_CAP_VIDEO_CAPTURE) != 0)
    return V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if ((flags & V4L2_CAP_VIDEO_CAPTURE_MPLANE) != 0)
    return V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
  return 0;
}

static char *
make_text (const guint8 *bytes, gsize size)
{
  g_autofree char *text = g_strndup ((const char *)bytes, size);

  return g_utf8_make_valid (text, -1);
}

/* Without waiting for the driver; nothing is started. */
static int
open_device (const char *path)
{
  return open (path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

PhV4l2Device *
ph_v4l2_device_open (const char *path, GError **error)
{
  struct v4l2_capability capability = { 0 };
  PhV4l2Device *self = NULL;
  int fd = open_device (path);
  guint32 type;

  if (fd == -1) {
    set_open_error (path, errno, error);
    return NULL;
  }
  type = get_capture_type (fd, &capability);
  if (type == 0) {
    g_set_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED, "%s is not a camera", path);
  } else {
    self = g_new0 (PhV4l2Device, 1);
    self->name = make_text (capability.card, sizeof capability.card);
    self->bus = make_text (capability.bus_info, sizeof capability.bus_info);
    self->id = ph_v4l2_make_id (path, self->name, self->bus);
    self->modes = g_array_new (FALSE, FALSE, sizeof (PhCameraMode));
    add_modes (self->modes, fd, type);
  }
  close (fd);
  return self;
}

void
ph_v4l2_device_free (PhV4l2Device *self)
{
  g_free (self->name);
  g_free (self->bus);
  g_free (self->id);
  g_array_unref (self->modes);
  g_free (self);
}

/* Buffers belong to one file handle at a time, so asking for one is how V4L2 answers who streams.
 * What else it may fail with is not about that. */
gboolean
ph_v4l2_is_busy (const char *path)
{
  struct v4l2_capability capability = { 0 };
  struct v4l2_requestbuffers request = { .count = 1, .memory = V4L2_MEMORY_MMAP };
  gboolean is_busy = FALSE;
  int fd = open_device (path);

  if (fd == -1)
    return errno == EBUSY;
  request.type = get_capture_type (fd, &capability);
  if (request.type != 0 && retry_ioctl (fd, VIDIOC_REQBUFS, &request) == -1) {
    is_busy = errno == EBUSY;
  } else if (request.type != 0) {
    request.count = 0;
    retry_ioctl (fd, VIDIOC_REQBUFS, &request);
  }
  close (fd);
  return is_busy;
}
