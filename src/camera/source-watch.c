/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/source-watch.h"

#include <glib-unix.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* A new node gets its owner and its mode a moment after it is made. */
#define SETTLE_MS 200

struct _PhSourceWatch {
  int fd;
  guint source, timer;
  const char *const *prefixes; /* of names that count; NULL: name alone does */
  char *name; /* nullable */
  PhSourceWatchFunc came;
  gpointer user_data;
};

static const char *const device_prefixes[] = { "video", "media", NULL };

static gboolean
counts (PhSourceWatch *self, const char *name)
{
  if (self->prefixes == NULL)
    return g_str_equal (name, self->name);
  for (const char *const *prefix = self->prefixes; *prefix != NULL; prefix++)
    if (g_str_has_prefix (name, *prefix))
      return TRUE;
  return FALSE;
}

static gboolean
on_settled (gpointer user_data)
{
  PhSourceWatch *self = user_data;

  self->timer = 0;
  self->came (self->user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_events (int fd, GIOCondition condition, gpointer user_data)
{
  PhSourceWatch *self = user_data;
  char buffer[4096] __attribute__ ((aligned (__alignof__(struct inotify_event))));
  gssize size = read (fd, buffer, sizeof buffer);
  gboolean has_come = FALSE;

  for (gssize offset = 0; offset < size;) {
    const struct inotify_event *event = (const struct inotify_event *)(buffer + offset);

    has_come |= event->len > 0 && counts (self, event->name);
    offset += sizeof *event + event->len;
  }
  if (has_come && self->timer == 0)
    self->timer = g_timeout_add (SETTLE_MS, on_settled, self);
  return G_SOURCE_CONTINUE;
}

/* GFileMonitor would also wake up for every write to /dev/null. What udev knows comes here as well,
 * and without udev, in a container, too. */
static PhSourceWatch *
watch_folder (const char *folder, guint32 events)
{
  PhSourceWatch *self;
  int fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);

  if (fd == -1)
    return NULL;
  if (inotify_add_watch (fd, folder, events) == -1) {
    close (fd);
    return NULL;
  }
  self = g_new0 (PhSourceWatch, 1);
  self->fd = fd;
  self->source = g_unix_fd_add (fd, G_IO_IN, on_events, self);
  return self;
}

static PhSourceWatch *
watch_file (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  PhSourceWatch *self = watch_folder (folder, IN_CLOSE_WRITE | IN_MOVED_TO | IN_ATTRIB);

  if (self != NULL)
    self->name = g_path_get_basename (path);
  return self;
}

static PhSourceWatch *
watch_devices (void)
{
  PhSourceWatch *self = watch_folder ("/dev", IN_CREATE | IN_MOVED_TO | IN_ATTRIB);

  if (self != NULL)
    self->prefixes = device_prefixes;
  return self;
}

PhSourceWatch *
ph_source_watch_new (const PhSourceConfig *source, PhSourceWatchFunc came, gpointer user_data)
{
  PhSourceWatch *self = NULL;

  if (source->type == PH_SOURCE_V4L2 || source->type == PH_SOURCE_LIBCAMERA)
    self = watch_devices ();
  else if (source->type == PH_SOURCE_FILE)
    self = watch_file (source->path);
  if (self == NULL)
    return NULL;
  self->came = came;
  self->user_data = user_data;
  return self;
}

void
ph_source_watch_free (PhSourceWatch *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_source_remove (self->source);
  close (self->fd);
  g_free (self->name);
  g_free (self);
}
