/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* porthole-load: so many viewers of one stream, in one process and one epoll loop. It connects
 * them, prints the line "playing" when all have their first picture, counts for some seconds from
 * then on, and prints what it has counted as one line of JSON. */
#include "load/viewer.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Viewers that have not got as far as playing while others are still to connect. */
#define MAX_CONNECTING 64
#define MAX_EVENTS 256
#define WAIT_MS 20

static const LoadKind *const kinds[] = { &load_kind_rtsp, &load_kind_mjpeg, &load_kind_mp4,
  &load_kind_get };

typedef struct {
  LoadTask task;
  const LoadKind *kind;
  GPtrArray *viewers; /* element-type LoadViewer */
  guint n_viewers; /* that there shall be */
  gboolean discards; /* counts bytes only */
  double seconds; /* to count for */
  double patience; /* seconds until all must have their first picture */
  double interval; /* seconds from one's connecting to the next one's; 0: as fast as they get in */
  gint64 started; /* monotonic, microseconds */
} Load;

typedef struct {
  guint64 n_frames, n_gaps, n_bytes;
} Count;

/* ---- the loop ------------------------------------------------------------------------------- */

static gboolean
is_connecting (const LoadViewer *viewer)
{
  return viewer->playing_since == 0 && viewer->failure == NULL;
}

static guint
count_if (Load *self, gboolean (*predicate) (const LoadViewer *viewer))
{
  guint n = 0;

  for (guint i = 0; i < self->viewers->len; i++)
    n += predicate (g_ptr_array_index (self->viewers, i));
  return n;
}

/* How many there may be by now. */
static guint
count_due (Load *self)
{
  guint n_due = self->viewers->len + MAX_CONNECTING;

  if (self->viewers->len == self->n_viewers)
    return self->n_viewers;
  if (self->interval > 0)
    n_due = 1 + (g_get_monotonic_time () - self->started) / (self->interval * G_USEC_PER_SEC);
  else
    n_due -= MIN (count_if (self, is_connecting), MAX_CONNECTING);
  return MIN (n_due, self->n_viewers);
}

static void
connect_more (Load *self)
{
  for (guint n_due = count_due (self); self->viewers->len < n_due;) {
    LoadViewer *viewer = load_viewer_new (self->kind, &self->task);

    g_ptr_array_add (self->viewers, viewer);
    load_viewer_connect (viewer);
  }
}

static void
wait_once (Load *self)
{
  struct epoll_event events[MAX_EVENTS];
  int n = epoll_wait (self->task.epoll, events, MAX_EVENTS, WAIT_MS);

  for (int i = 0; i < n; i++) {
    LoadSource *source = events[i].data.ptr;

    source->ready (source);
  }
}

static gboolean
is_without_picture (const LoadViewer *viewer)
{
  return viewer->first_picture == 0 && viewer->failure == NULL;
}

static gboolean
has_failed (const LoadViewer *viewer)
{
  return viewer->failure != NULL;
}

static void
bring_up (Load *self)
{
  gint64 end;

  self->started = g_get_monotonic_time ();
  end = self->started + self->patience * G_USEC_PER_SEC;
  do {
    connect_more (self);
    wait_once (self);
  } while (g_get_monotonic_time () < end &&
           (self->viewers->len < self->n_viewers || count_if (self, is_without_picture) > 0));
}

static void
run_for (Load *self, double seconds)
{
  gint64 end = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < end)
    wait_once (self);
}

/* ---- figures -------------------------------------------------------------------------------- */

static Count *
take_counts (Load *self)
{
  Count *counts = g_new0 (Count, self->viewers->len);

  for (guint i = 0; i < self->viewers->len; i++) {
    LoadViewer *viewer = g_ptr_array_index (self->viewers, i);

    counts[i] = (Count){ viewer->n_frames, viewer->n_gaps, viewer->n_bytes };
  }
  return counts;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *)a, right = *(const gint64 *)b;

  return (left > right) - (left < right);
}

static void
print_first_pictures (Load *self)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < self->viewers->len; i++) {
    LoadViewer *viewer = g_ptr_array_index (self->viewers, i);
    gint64 took = viewer->first_picture - viewer->connecting_since;

    if (viewer->first_picture != 0)
      g_array_append_val (times, took);
  }
  g_array_sort (times, compare_times);
  if (times->len > 0)
    g_print (", \"first_picture_ms\": {\"min\": %.1f, \"median\": %.1f, \"max\": %.1f}",
        g_array_index (times, gint64, 0) / 1e3, g_array_index (times, gint64, times->len / 2) / 1e3,
        g_array_index (times, gint64, times->len - 1) / 1e3);
}

static void
print_failures (Load *self)
{
  for (guint i = 0; i < self->viewers->len; i++) {
    LoadViewer *viewer = g_ptr_array_index (self->viewers, i);

    if (viewer->failure != NULL) {
      g_print (
          ", \"failed\": %u, \"failure\": \"%s\"", count_if (self, has_failed), viewer->failure);
      return;
    }
  }
}

static void
print_report (Load *self, const Count *before, const Count *after, double seconds)
{
  Count sum = { 0 };
  guint64 slowest = G_MAXUINT64, fastest = 0, least = G_MAXUINT64;

  for (guint i = 0; i < self->viewers->len; i++) {
    guint64 n_frames = after[i].n_frames - before[i].n_frames;

    sum.n_frames += n_frames;
    sum.n_gaps += after[i].n_gaps - before[i].n_gaps;
    sum.n_bytes += after[i].n_bytes - before[i].n_bytes;
    slowest = MIN (slowest, n_frames);
    least = MIN (least, after[i].n_bytes - before[i].n_bytes);
    fastest = MAX (fastest, n_frames);
  }
  g_print ("{\"viewers\": %u, \"without_picture\": %u, \"seconds\": %.3f, "
           "\"frames\": %" G_GUINT64_FORMAT ", \"frames_of_slowest\": %" G_GUINT64_FORMAT
           ", \"frames_of_fastest\": %" G_GUINT64_FORMAT ", \"gaps\": %" G_GUINT64_FORMAT
           ", \"bytes\": %" G_GUINT64_FORMAT ", \"bytes_of_slowest\": %" G_GUINT64_FORMAT,
      self->viewers->len, count_if (self, is_without_picture), seconds, sum.n_frames, slowest,
      fastest, sum.n_gaps, sum.n_bytes, least);
  print_first_pictures (self);
  print_failures (self);
  g_print ("}\n");
}

/* The pipe to whoever reads it must not wait for a full buffer. */
static void
say (const char *line)
{
  g_print ("%s\n", line);
  fflush (stdout);
}

static void
measure (Load *self)
{
  g_autofree Count *before = NULL;
  g_autofree Count *after = NULL;
  gint64 start;

  bring_up (self);
  say ("playing");
  self->task.is_discarding = self->discards;
  before = take_counts (self);
  start = g_get_monotonic_time ();
  run_for (self, self->seconds);
  after = take_counts (self);
  say ("counted");
  print_report (self, before, after, (g_get_monotonic_time () - start) / 1e6);
}

/* ---- the task ------------------------------------------------------------------------------- */

static GSocketAddress *
resolve (const char *host, guint port, GError **error)
{
  g_autoptr (GSocketConnectable) name = g_network_address_new (host, port);
  g_autoptr (GSocketAddressEnumerator) addresses = g_socket_connectable_enumerate (name);

  return g_socket_address_enumerator_next (addresses, NULL, error);
}

static gboolean
read_url (LoadTask *task, const char *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, error);
  const char *query;

  if (uri == NULL)
    return FALSE;
  query = g_uri_get_query (uri);
  task->url = g_strdup (url);
  task->path = g_strconcat (g_uri_get_path (uri), query != NULL ? "?" : NULL, query, NULL);
  task->host = g_strdup_printf ("%s:%d", g_uri_get_host (uri), g_uri_get_port (uri));
  task->server = resolve (g_uri_get_host (uri), MAX (g_uri_get_port (uri), 0), error);
  if (g_str_equal (g_uri_get_scheme (uri), "rtsps") ||
      g_str_equal (g_uri_get_scheme (uri), "https"))
    gnutls_certificate_allocate_credentials (&task->tls);
  return task->server != NULL;
}

static const LoadKind *
find_kind (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kinds[i]->name, name) == 0)
      return kinds[i];
  return NULL;
}

static gboolean
read_options (Load *self, int *argc, char ***argv, GError **error)
{
  g_autofree char *kind = NULL;
  g_autofree char *transport = NULL;
  int n_viewers = 1;
  const GOptionEntry entries[] = {
    { "kind", 'k', 0, G_OPTION_ARG_STRING, &kind, "rtsp, mjpeg, mp4, or get (a file, repeatedly)",
        "KIND" },
    { "transport", 't', 0, G_OPTION_ARG_STRING, &transport, "tcp or udp, for rtsp", "WORD" },
    { "viewers", 'n', 0, G_OPTION_ARG_INT, &n_viewers, "How many", "NUMBER" },
    { "seconds", 's', 0, G_OPTION_ARG_DOUBLE, &self->seconds, "How long to count", "SECONDS" },
    { "discard", 'd', 0, G_OPTION_ARG_NONE, &self->discards,
        "Throw away what comes while counting, and count its bytes", NULL },
    { "interval", 'i', 0, G_OPTION_ARG_DOUBLE, &self->interval,
        "Time from one's connecting to the next one's", "SECONDS" },
    { "patience", 'p', 0, G_OPTION_ARG_DOUBLE, &self->patience,
        "How long to wait for the first pictures", "SECONDS" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("URL");

  g_option_context_set_description (context,
      "PORTHOLE_LOAD_USER and PORTHOLE_LOAD_PASSWORD in the environment: whom to log in as.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  self->kind = find_kind (kind != NULL ? kind : "rtsp");
  self->task.is_udp = g_strcmp0 (transport, "udp") == 0;
  self->n_viewers = MAX (n_viewers, 1);
  if (*argc == 2 && self->kind != NULL)
    return read_url (&self->task, (*argv)[1], error);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "one URL, and a known kind");
  return FALSE;
}

static void
allow_many_files (void)
{
  struct rlimit limit;

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

static void
clear_load (Load *self)
{
  g_ptr_array_unref (self->viewers);
  g_clear_object (&self->task.server);
  g_clear_pointer (&self->task.tls, gnutls_certificate_free_credentials);
  g_free (self->task.url);
  g_free (self->task.host);
  g_free (self->task.path);
  close (self->task.epoll);
}

int
main (int argc, char **argv)
{
  Load self = { .seconds = 5, .patience = 20 };
  g_autoptr (GError) error = NULL;

  self.task.epoll = epoll_create1 (EPOLL_CLOEXEC);
  self.task.login.user = g_getenv ("PORTHOLE_LOAD_USER");
  self.task.login.password = g_getenv ("PORTHOLE_LOAD_PASSWORD");
  self.viewers = g_ptr_array_new_with_free_func ((GDestroyNotify)load_viewer_free);
  if (read_options (&self, &argc, &argv, &error)) {
    allow_many_files ();
    measure (&self);
  } else {
    g_printerr ("porthole-load: %s\n", error->message);
  }
  clear_load (&self);
  return error == NULL ? 0 : 64;
}
