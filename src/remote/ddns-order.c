/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/ddns-order.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#define PREFIX "ddns-now-"

struct _PhDdnsOrders {
  char *folder;
  GFileMonitor *monitor;
  PhDdnsOrderFunc func;
  gpointer user_data;
};

static void
maybe_take (PhDdnsOrders *self, const char *name)
{
  g_autofree char *file = g_build_filename (self->folder, name, NULL);

  if (g_str_has_prefix (name, PREFIX) && g_unlink (file) == 0)
    self->func (name + strlen (PREFIX), self->user_data);
}

static void
on_changed (
    GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer user_data)
{
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *other_name = other != NULL ? g_file_get_basename (other) : NULL;

  if (event == G_FILE_MONITOR_EVENT_CREATED || event == G_FILE_MONITOR_EVENT_MOVED_IN)
    maybe_take (user_data, name);
  else if (event == G_FILE_MONITOR_EVENT_RENAMED && other_name != NULL)
    maybe_take (user_data, other_name);
}

PhDdnsOrders *
ph_ddns_orders_new (const char *folder, PhDdnsOrderFunc func, gpointer user_data)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileMonitor) monitor =
      g_file_monitor_directory (file, G_FILE_MONITOR_WATCH_MOVES, NULL, &error);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  PhDdnsOrders *self;

  if (monitor == NULL) {
    g_warning ("\"porthole ddns --now\" will not be heard: %s", error->message);
    return NULL;
  }
  self = g_new0 (PhDdnsOrders, 1);
  self->folder = g_strdup (folder);
  self->monitor = g_steal_pointer (&monitor);
  self->func = func;
  self->user_data = user_data;
  g_signal_connect (self->monitor, "changed", G_CALLBACK (on_changed), self);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    maybe_take (self, name);
  return self;
}

void
ph_ddns_orders_free (PhDdnsOrders *self)
{
  g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_object_unref (self->monitor);
  g_free (self->folder);
  g_free (self);
}

char *
ph_ddns_order_leave (const char *folder, const char *hostname, GError **error)
{
  g_autofree char *name = g_strconcat (PREFIX, hostname, NULL);
  g_autofree char *file = g_build_filename (folder, name, NULL);
  int fd = g_creat (file, 0600);

  if (fd < 0)
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE, "%s cannot be written: %s", file,
        g_strerror (errno));
  else
    g_close (fd, NULL);
  return fd >= 0 ? g_steal_pointer (&file) : NULL;
}
