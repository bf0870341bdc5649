/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/mount-points.h"

#include "camera/allowance.h"
#include "rtsp/mount.h"
#include "rtsp/request.h"

/* TTL of multicast: does not leave the network it is sent in. */
#define MULTICAST_TTL 1
#define MULTICAST_PORTS 64

/* A camera and the mounts of its streams. */
typedef struct {
  PhCamera *camera;
  char *name;
  gulong changed_id;
  GPtrArray *mounts; /* element-type PhRtspMount; never empty once it is served */
} CameraMounts;

struct _PhRtspMountPoints {
  GstRTSPMountPoints *all;
  GstRTSPMountPoints *smallest;
  GPtrArray *cameras; /* element-type CameraMounts */
  PhMailbox *to_main; /* gets mounts for which demand has changed */
  PhMailbox *to_rtsp;
  GstRTSPAddressPool *pool; /* nullable: no multicast */
  guint n_threads; /* that may send a stream; 0: as many as there are processors */
};

/* ---- paths ---------------------------------------------------------------------------------- */

static void
put_at (GstRTSPMountPoints *points, PhRtspMount *mount, const char *name)
{
  PhRtspMount *encrypted = ph_rtsp_mount_get_encrypted_any (mount);
  g_autofree char *path = g_strconcat ("/", name, NULL);
  g_autofree char *srtp_path = g_strconcat (path, PH_RTSP_REQUEST_SRTP, NULL);

  gst_rtsp_mount_points_add_factory (points, path, GST_RTSP_MEDIA_FACTORY (g_object_ref (mount)));
  gst_rtsp_mount_points_add_factory (
      points, srtp_path, GST_RTSP_MEDIA_FACTORY (g_object_ref (encrypted)));
}

static void
take_from (GstRTSPMountPoints *points, const char *name)
{
  g_autofree char *path = g_strconcat ("/", name, NULL);
  g_autofree char *srtp_path = g_strconcat (path, PH_RTSP_REQUEST_SRTP, NULL);

  gst_rtsp_mount_points_remove_factory (points, path);
  gst_rtsp_mount_points_remove_factory (points, srtp_path);
}

static void
take_away (PhRtspMountPoints *self, const char *name)
{
  take_from (self->all, name);
  take_from (self->smallest, name);
}

/* ---- mounts --------------------------------------------------------------------------------- */

/* Mailbox to_main. */
static void
on_mount_demand (gpointer item, gpointer user_data)
{
  g_autoptr (PhRtspMount) mount = item;

  ph_rtsp_mount_follow_demand (mount);
}

static void
set_up_mount (PhRtspMountPoints *self, PhRtspMount *mount)
{
  ph_rtsp_mount_set_multicast_any (mount, self->pool);
  ph_rtsp_mount_set_threads_any (mount, self->n_threads);
}

static PhRtspMount *
mount_feed (PhRtspMountPoints *self, const char *camera_name, PhFeed *feed)
{
  g_autofree char *label = g_strdup_printf ("%s/%s", camera_name, ph_feed_get_name_any (feed));
  PhRtspMount *mount = ph_rtsp_mount_new (feed, label, self->to_main, self->to_rtsp);

  set_up_mount (self, mount);
  put_at (self->all, mount, label);
  return mount;
}

static void
unmount (PhRtspMountPoints *self, PhRtspMount *mount)
{
  take_away (self, ph_rtsp_mount_get_label_any (mount));
  ph_rtsp_mount_close (mount);
}

/* ---- cameras -------------------------------------------------------------------------------- */

static void
on_camera_changed (PhCamera *camera, gpointer user_data)
{
  CameraMounts *served = user_data;
  gboolean is_dark = ph_camera_is_dark (camera);

  for (guint i = 0; i < served->mounts->len; i++)
    ph_rtsp_mount_set_dark (g_ptr_array_index (served->mounts, i), is_dark);
}

static CameraMounts *
serve_camera (PhCamera *camera)
{
  CameraMounts *served = g_new0 (CameraMounts, 1);

  served->camera = g_object_ref (camera);
  served->name = g_strdup (ph_camera_get_config (camera)->name);
  served->mounts = g_ptr_array_new_with_free_func (g_object_unref);
  served->changed_id = g_signal_connect (camera, "changed", G_CALLBACK (on_camera_changed), served);
  return served;
}

static void
free_camera_mounts (gpointer data)
{
  CameraMounts *served = data;

  g_clear_signal_handler (&served->changed_id, served->camera);
  for (guint i = 0; i < served->mounts->len; i++)
    ph_rtsp_mount_close (g_ptr_array_index (served->mounts, i));
  g_ptr_array_unref (served->mounts);
  g_object_unref (served->camera);
  g_free (served->name);
  g_free (served);
}

static CameraMounts *
try_find_camera (PhRtspMountPoints *self, PhCamera *camera)
{
  for (guint i = 0; i < self->cameras->len; i++) {
    CameraMounts *served = g_ptr_array_index (self->cameras, i);

    if (served->camera == camera)
      return served;
  }
  return NULL;
}

static void
unmount_camera (PhRtspMountPoints *self, CameraMounts *served)
{
  take_away (self, served->name);
  for (guint i = 0; i < served->mounts->len; i++)
    unmount (self, g_ptr_array_index (served->mounts, i));
}

/* JPEG is worth its packets only where there is nothing else. */
static GPtrArray *
list_feeds (PhCamera *camera)
{
  gboolean has_h264 = ph_camera_find_feed (camera, NULL, PH_CODEC_H264) != NULL;
  GPtrArray *feeds = g_ptr_array_new ();

  for (guint i = 0; i < ph_camera_get_n_feeds (camera); i++) {
    PhFeed *feed = ph_camera_get_feed (camera, i);

    if (!has_h264 || ph_feed_get_codec_any (feed) == PH_CODEC_H264)
      g_ptr_array_add (feeds, feed);
  }
  return feeds;
}

static void
unmount_all_but (PhRtspMountPoints *self, CameraMounts *served, GPtrArray *feeds)
{
  for (guint i = served->mounts->len; i > 0; i--) {
    PhRtspMount *mount = g_ptr_array_index (served->mounts, i - 1);

    if (g_ptr_array_find (feeds, ph_rtsp_mount_get_feed_any (mount), NULL))
      continue;
    unmount (self, mount);
    g_ptr_array_remove_index (served->mounts, i - 1);
  }
}

static PhRtspMount *
try_take_mount (GPtrArray *mounts, PhFeed *feed)
{
  for (guint i = 0; i < mounts->len; i++)
    if (ph_rtsp_mount_get_feed_any (g_ptr_array_index (mounts, i)) == feed)
      return g_ptr_array_steal_index (mounts, i);
  return NULL;
}

/* Whoever asks for no stream gets it, too; others are not found. */
static void
put_smallest (PhRtspMountPoints *self, CameraMounts *served)
{
  const PhStreamConfig *smallest =
      ph_allowance_find_smallest_any (ph_camera_get_config (served->camera));

  for (guint i = 0; i < served->mounts->len; i++) {
    PhRtspMount *mount = g_ptr_array_index (served->mounts, i);
    const char *label = ph_rtsp_mount_get_label_any (mount);
    const char *stream = ph_feed_get_name_any (ph_rtsp_mount_get_feed_any (mount));

    take_from (self->smallest, label);
    if (smallest != NULL && !g_str_equal (stream, smallest->name))
      continue;
    put_at (self->smallest, mount, label);
    put_at (self->smallest, mount, served->name);
  }
}

/* What is there no more goes first: what is new may come in its place. */
static void
follow_feeds (PhRtspMountPoints *self, CameraMounts *served)
{
  g_autoptr (GPtrArray) feeds = list_feeds (served->camera);
  g_autoptr (GPtrArray) before = NULL;

  unmount_all_but (self, served, feeds);
  before = served->mounts;
  served->mounts = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < feeds->len; i++) {
    PhFeed *feed = g_ptr_array_index (feeds, i);
    PhRtspMount *mount = try_take_mount (before, feed);

    g_ptr_array_add (served->mounts, mount != NULL ? mount : mount_feed (self, served->name, feed));
  }
  put_at (self->all, g_ptr_array_index (served->mounts, 0), served->name);
  put_smallest (self, served);
  on_camera_changed (served->camera, served);
}

void
ph_rtsp_mount_points_set_cameras (PhRtspMountPoints *self, GPtrArray *cameras)
{
  for (guint i = self->cameras->len; i > 0; i--) {
    CameraMounts *served = g_ptr_array_index (self->cameras, i - 1);

    if (g_ptr_array_find (cameras, served->camera, NULL))
      continue;
    unmount_camera (self, served);
    g_ptr_array_remove_index (self->cameras, i - 1);
  }
  for (guint i = 0; i < cameras->len; i++) {
    PhCamera *camera = g_ptr_array_index (cameras, i);
    CameraMounts *served = try_find_camera (self, camera);

    if (served == NULL) {
      served = serve_camera (camera);
      g_ptr_array_add (self->cameras, served);
    }
    follow_feeds (self, served);
  }
}

/* ---- settings ------------------------------------------------------------------------------- */

static GstRTSPAddressPool *
try_make_address_pool (const PhRtspConfig *config)
{
  g_autoptr (GstRTSPAddressPool) pool = gst_rtsp_address_pool_new ();
  g_auto (GStrv) ends = g_strsplit (config->multicast_address, "-", 2);
  const char *last = ends[1] != NULL ? ends[1] : ends[0];

  if (!gst_rtsp_address_pool_add_range (pool, ends[0], last, config->multicast_port,
          config->multicast_port + MULTICAST_PORTS - 1, MULTICAST_TTL))
    return NULL;
  return g_steal_pointer (&pool);
}

void
ph_rtsp_mount_points_set_config (PhRtspMountPoints *self, const PhRtspConfig *config)
{
  self->n_threads = config->threads;
  g_clear_object (&self->pool);
  if (config->multicast) {
    self->pool = try_make_address_pool (config);
    if (self->pool == NULL)
      g_warning ("no multicast: \"%s\" is no range of addresses", config->multicast_address);
  }
  for (guint i = 0; i < self->cameras->len; i++) {
    const CameraMounts *served = g_ptr_array_index (self->cameras, i);

    for (guint j = 0; j < served->mounts->len; j++)
      set_up_mount (self, g_ptr_array_index (served->mounts, j));
  }
}

/* ---- the object ----------------------------------------------------------------------------- */

/* The mailbox needs no limit: each mount is in it once at most. */
PhRtspMountPoints *
ph_rtsp_mount_points_new (PhMailbox *to_rtsp)
{
  PhRtspMountPoints *self = g_new0 (PhRtspMountPoints, 1);

  self->all = gst_rtsp_mount_points_new ();
  self->smallest = gst_rtsp_mount_points_new ();
  self->cameras = g_ptr_array_new_with_free_func (free_camera_mounts);
  self->to_main = ph_mailbox_new (NULL, G_MAXUINT, on_mount_demand, self, g_object_unref);
  self->to_rtsp = ph_mailbox_ref_any (to_rtsp);
  return self;
}

GstRTSPMountPoints *
ph_rtsp_mount_points_get_all_any (PhRtspMountPoints *self)
{
  return self->all;
}

GstRTSPMountPoints *
ph_rtsp_mount_points_get_smallest_any (PhRtspMountPoints *self)
{
  return self->smallest;
}

void
ph_rtsp_mount_points_close (PhRtspMountPoints *self)
{
  ph_mailbox_close (self->to_main);
  g_ptr_array_set_size (self->cameras, 0);
}

void
ph_rtsp_mount_points_free (PhRtspMountPoints *self)
{
  ph_rtsp_mount_points_close (self);
  g_ptr_array_unref (self->cameras);
  g_clear_object (&self->pool);
  g_object_unref (self->all);
  g_object_unref (self->smallest);
  ph_mailbox_unref_any (self->to_main);
  ph_mailbox_unref_any (self->to_rtsp);
  g_free (self);
}
