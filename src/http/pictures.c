/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/pictures.h"

#include "base/mailbox.h"
#include "camera/tap.h"

#define SMALLEST_WIDTH 160
#define LARGEST_WIDTH 4096 /* while the source's own width is not known yet */

struct _PhPictures {
  GHashTable *outlets; /* PhFeed to Outlet, both unowned: an outlet lives while it has watches */
};

typedef struct {
  PhPictures *owner;
  PhFeed *feed;
  PhTap *tap;
  PhMailbox *news;
  GPtrArray *watches; /* element-type PhPictureWatch, unowned; NULL where one left meanwhile */
  gboolean is_delivering;
} Outlet;

struct _PhPictureWatch {
  Outlet *outlet;
  PhPictureFunc func;
  gpointer user_data;
};

/* ---- one feed, one tap ----------------------------------------------------------------------- */

/* Only the fact crosses: whenever the main loop comes to it, it takes what is newest then. */
static gboolean
tell_on_stream (GstSample *sample, gpointer news)
{
  ph_mailbox_post_any (news, GINT_TO_POINTER (TRUE));
  return TRUE;
}

static void
free_outlet (Outlet *self)
{
  g_hash_table_remove (self->owner->outlets, self->feed);
  ph_feed_remove_tap (self->feed, self->tap);
  ph_mailbox_close (self->news);
  ph_tap_unref_any (self->tap);
  ph_mailbox_unref_any (self->news);
  ph_feed_unref_any (self->feed);
  g_ptr_array_unref (self->watches);
  g_free (self);
}

static void
sweep_outlet (Outlet *self)
{
  while (g_ptr_array_remove (self->watches, NULL))
    ;
  if (self->watches->len == 0)
    free_outlet (self);
}

/* Watches may come and go in their functions: those who leave are swept afterwards, those who come
 * are served from the next picture on. */
static void
deliver (gpointer item, gpointer user_data)
{
  Outlet *self = user_data;
  g_autoptr (GstSample) sample = ph_feed_dup_newest_any (self->feed);
  guint n_watches = self->watches->len;

  if (sample == NULL)
    return;
  self->is_delivering = TRUE;
  for (guint i = 0; i < n_watches; i++) {
    PhPictureWatch *watch = g_ptr_array_index (self->watches, i);

    if (watch != NULL)
      watch->func (sample, watch->user_data);
  }
  self->is_delivering = FALSE;
  sweep_outlet (self);
}

static Outlet *
ensure_outlet (PhPictures *owner, PhFeed *feed)
{
  Outlet *self = g_hash_table_lookup (owner->outlets, feed);

  if (self != NULL)
    return self;
  self = g_new0 (Outlet, 1);
  self->owner = owner;
  self->feed = ph_feed_ref_any (feed);
  self->watches = g_ptr_array_new ();
  self->news = ph_mailbox_new (NULL, 1, deliver, self, NULL);
  self->tap = ph_tap_new (PH_TAP_NEWEST, tell_on_stream, ph_mailbox_ref_any (self->news),
      (GDestroyNotify)ph_mailbox_unref_any);
  g_hash_table_insert (owner->outlets, feed, self);
  ph_feed_add_tap (feed, self->tap);
  return self;
}

PhPictures *
ph_pictures_new (void)
{
  PhPictures *self = g_new0 (PhPictures, 1);

  self->outlets = g_hash_table_new (NULL, NULL);
  return self;
}

void
ph_pictures_free (PhPictures *self)
{
  g_warn_if_fail (g_hash_table_size (self->outlets) == 0);
  g_hash_table_unref (self->outlets);
  g_free (self);
}

/* ---- watches --------------------------------------------------------------------------------- */

PhPictureWatch *
ph_pictures_watch (PhPictures *self, PhFeed *feed, PhPictureFunc func, gpointer user_data)
{
  PhPictureWatch *watch = g_new0 (PhPictureWatch, 1);

  watch->func = func;
  watch->user_data = user_data;
  watch->outlet = ensure_outlet (self, feed);
  g_ptr_array_add (watch->outlet->watches, watch);
  return watch;
}

void
ph_picture_watch_free (PhPictureWatch *self)
{
  Outlet *outlet = self->outlet;
  guint index;

  if (g_ptr_array_find (outlet->watches, self, &index))
    outlet->watches->pdata[index] = NULL;
  g_free (self);
  if (!outlet->is_delivering)
    sweep_outlet (outlet);
}

/* ---- pictures -------------------------------------------------------------------------------- */

static GstClockTimeDiff
get_age (GstSample *sample)
{
  GstClockTime pts = GST_BUFFER_PTS (gst_sample_get_buffer (sample));

  return MAX (GST_CLOCK_DIFF (pts, ph_feed_now_any ()), 0);
}

GstSample *
ph_pictures_dup_fresh (PhFeed *feed, double max_age)
{
  g_autoptr (GstSample) sample = ph_feed_dup_newest_any (feed);

  if (sample == NULL || get_age (sample) > max_age * GST_SECOND)
    return NULL;
  return g_steal_pointer (&sample);
}

gint64
ph_picture_get_time (GstSample *sample)
{
  return ph_feed_time_to_unix_any (GST_BUFFER_PTS (gst_sample_get_buffer (sample)));
}

typedef struct {
  GstBuffer *buffer;
  GstMapInfo map;
} Mapping;

static void
free_mapping (gpointer data)
{
  Mapping *self = data;

  gst_buffer_unmap (self->buffer, &self->map);
  gst_buffer_unref (self->buffer);
  g_free (self);
}

GBytes *
ph_picture_dup_bytes (GstSample *sample)
{
  Mapping *mapping = g_new0 (Mapping, 1);

  mapping->buffer = gst_buffer_ref (gst_sample_get_buffer (sample));
  if (!gst_buffer_map (mapping->buffer, &mapping->map, GST_MAP_READ)) {
    gst_buffer_unref (mapping->buffer);
    g_free (mapping);
    return g_bytes_new (NULL, 0);
  }
  return g_bytes_new_with_free_func (mapping->map.data, mapping->map.size, free_mapping, mapping);
}

/* ---- which feed ------------------------------------------------------------------------------ */

static guint
find_caps_width (PhFeed *feed)
{
  g_autoptr (GstCaps) caps = ph_feed_dup_caps_any (feed);
  int width = 0;

  if (caps != NULL && gst_caps_get_size (caps) > 0)
    gst_structure_get_int (gst_caps_get_structure (caps, 0), "width", &width);
  return MAX (width, 0);
}

static guint
find_planned_width (PhCamera *camera, const char *stream)
{
  const PhBranchPlan *branch = ph_plan_find_branch (ph_camera_get_plan (camera), stream);

  return branch != NULL ? branch->width : 0;
}

/* What it delivered last, else what is planned, else what the settings ask for; 0: not known. */
static guint
find_width (PhCamera *camera, PhFeed *feed)
{
  const char *name = ph_feed_get_name_any (feed);
  const PhCameraConfig *config = ph_camera_get_config (camera);
  const PhStreamConfig *stream = ph_camera_config_find_stream (config, name, PH_CODEC_JPEG);
  guint width = find_caps_width (feed);

  if (width == 0)
    width = find_planned_width (camera, name);
  if (width == 0)
    width = stream->width;
  return width > 0 ? width : config->source->width;
}

/* Who must save gets pictures as small as the stream; 0: they may have any width. */
static guint
find_width_limit (PhRequest *request)
{
  const PhStreamConfig *only = ph_request_find_only_stream (request, request->camera);
  guint width = only != NULL ? find_planned_width (request->camera, only->name) : 0;

  if (only != NULL && width == 0)
    width = only->width;
  return width > 0 ? MAX (width, SMALLEST_WIDTH) : 0;
}

PhFeed *
ph_pictures_ref_feed (PhRequest *request, PhFeed **source)
{
  PhFeed *feed = ph_request_find_feed (request, PH_CODEC_JPEG);
  g_autoptr (GError) error = NULL;
  PhFeed *scaled;
  guint full, width, limit;

  if (feed == NULL)
    return NULL;
  *source = feed;
  full = find_width (request->camera, feed);
  if (!ph_request_get_uint (request, "width", MIN (SMALLEST_WIDTH, full > 0 ? full : G_MAXUINT),
          full > 0 ? full : LARGEST_WIDTH, 0, &width))
    return NULL;
  limit = find_width_limit (request);
  if (limit > 0 && (width == 0 || width > limit) && (full == 0 || full > limit))
    width = limit;
  if (width == 0 || width == full)
    return ph_feed_ref_any (feed);
  scaled = ph_camera_ref_scaled_jpeg (request->camera, feed, width, &error);
  if (scaled == NULL) {
    ph_request_reply_text (request->message, SOUP_STATUS_SERVICE_UNAVAILABLE, error->message);
    soup_message_headers_replace (
        soup_server_message_get_response_headers (request->message), "Retry-After", "10");
  }
  return scaled;
}
