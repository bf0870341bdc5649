/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/mount-private.h"

/* For the burst of a keyframe over UDP. */
#define UDP_SEND_BUFFER (512 * 1024)

G_DEFINE_FINAL_TYPE (PhRtspMount, ph_rtsp_mount, GST_TYPE_RTSP_MEDIA_FACTORY)

/* ---- news for the other threads ------------------------------------------------------------- */

static void
post_any (PhRtspMount *self, PhMailbox *mailbox, int *is_posted)
{
  if (g_atomic_int_compare_and_exchange (is_posted, FALSE, TRUE))
    ph_mailbox_post_any (mailbox, g_object_ref (self));
}

static void
tell_main_any (PhRtspMount *self)
{
  post_any (self, self->to_main, &self->is_in_main_mailbox);
}

static void
tell_rtsp_any (PhRtspMount *self)
{
  post_any (self, self->to_rtsp, &self->is_in_rtsp_mailbox);
}

void
ph_rtsp_mount_take_news_on_rtsp (PhRtspMount *self)
{
  g_atomic_int_set (&self->is_in_rtsp_mailbox, FALSE);
}

void
ph_rtsp_mount_hold_any (PhRtspMount *self)
{
  if (g_atomic_int_add (&self->n_holds, 1) == 0)
    tell_main_any (self);
}

void
ph_rtsp_mount_release_any (PhRtspMount *self)
{
  if (g_atomic_int_dec_and_test (&self->n_holds))
    tell_main_any (self);
}

PhRtspMountState
ph_rtsp_mount_get_state_any (PhRtspMount *self)
{
  PhRtspMountState state;

  g_mutex_lock (&self->shared.lock);
  state = self->shared.state;
  g_mutex_unlock (&self->shared.lock);
  return state;
}

/* ---- the tap -------------------------------------------------------------------------------- */

/* Under the lock. */
static gboolean
let_flow_on_stream (PhRtspMount *self, GstSample *sample, gboolean is_keyframe)
{
  gboolean has_room;

  if (self->shared.appsrc == NULL || !self->shared.is_flowing)
    return TRUE;
  if (self->shared.waits_for_keyframe && !is_keyframe)
    return TRUE;
  has_room = ph_rtsp_mount_give_to_media_any (self, sample);
  self->shared.waits_for_keyframe = !has_room;
  return has_room;
}

static gboolean
take_unit_on_stream (GstSample *sample, gpointer user_data)
{
  PhRtspMount *self = user_data;
  gboolean is_keyframe =
      !GST_BUFFER_FLAG_IS_SET (gst_sample_get_buffer (sample), GST_BUFFER_FLAG_DELTA_UNIT);
  gboolean is_news = FALSE;
  gboolean has_room;

  g_mutex_lock (&self->shared.lock);
  if (is_keyframe) {
    g_clear_pointer (&self->shared.keyframe, gst_sample_unref);
    self->shared.keyframe = gst_sample_ref (sample);
    is_news = self->shared.state != PH_RTSP_MOUNT_READY;
    self->shared.state = PH_RTSP_MOUNT_READY;
  }
  has_room = let_flow_on_stream (self, sample, is_keyframe);
  g_mutex_unlock (&self->shared.lock);

  if (is_news)
    tell_rtsp_any (self);
  return has_room;
}

void
ph_rtsp_mount_start_flow_on_rtsp (PhRtspMount *self)
{
  g_mutex_lock (&self->shared.lock);
  if (!self->shared.is_flowing) {
    self->shared.is_flowing = TRUE;
    self->shared.waits_for_keyframe = TRUE;
  }
  g_mutex_unlock (&self->shared.lock);
  ph_feed_request_keyframe_any (self->feed);
}

static void
add_tap (PhRtspMount *self)
{
  self->tap =
      ph_tap_new (PH_TAP_FROM_KEPT_GOP, take_unit_on_stream, g_object_ref (self), g_object_unref);
  ph_feed_add_tap (self->feed, self->tap);
}

/* A hold that comes meanwhile and still finds the mount ready makes its media from the keyframe
 * there is; the tap is added again for it. */
static void
remove_tap (PhRtspMount *self)
{
  g_autoptr (PhTap) tap = g_steal_pointer (&self->tap);

  ph_feed_remove_tap (self->feed, tap);
  g_mutex_lock (&self->shared.lock);
  self->shared.state = self->is_dark ? PH_RTSP_MOUNT_DARK : PH_RTSP_MOUNT_WAITING;
  g_mutex_unlock (&self->shared.lock);
}

void
ph_rtsp_mount_follow_demand (PhRtspMount *self)
{
  gboolean is_wanted;

  g_atomic_int_set (&self->is_in_main_mailbox, FALSE);
  is_wanted = g_atomic_int_get (&self->n_holds) > 0 && !ph_rtsp_mount_is_closed_any (self);
  if (is_wanted && self->tap == NULL)
    add_tap (self);
  else if (!is_wanted && self->tap != NULL)
    remove_tap (self);
}

void
ph_rtsp_mount_set_dark (PhRtspMount *self, gboolean is_dark)
{
  gboolean is_news = FALSE;

  if (self->encrypted != NULL)
    ph_rtsp_mount_set_dark (self->encrypted, is_dark);
  self->is_dark = is_dark;
  g_mutex_lock (&self->shared.lock);
  if (is_dark && self->shared.state != PH_RTSP_MOUNT_DARK) {
    self->shared.state = PH_RTSP_MOUNT_DARK;
    is_news = TRUE;
  } else if (!is_dark && self->shared.state == PH_RTSP_MOUNT_DARK) {
    self->shared.state = PH_RTSP_MOUNT_WAITING;
  }
  g_mutex_unlock (&self->shared.lock);
  if (is_news)
    tell_rtsp_any (self);
}

void
ph_rtsp_mount_close (PhRtspMount *self)
{
  if (self->encrypted != NULL)
    ph_rtsp_mount_close (self->encrypted);
  g_atomic_int_set (&self->is_closed, TRUE);
  ph_rtsp_mount_follow_demand (self);
  tell_rtsp_any (self);
}

gboolean
ph_rtsp_mount_is_closed_any (PhRtspMount *self)
{
  return g_atomic_int_get (&self->is_closed);
}

/* ---- the object ----------------------------------------------------------------------------- */

static PhRtspMount *
make_mount (PhFeed *feed, const char *label, PhMailbox *to_main, PhMailbox *to_rtsp)
{
  PhRtspMount *self = g_object_new (PH_TYPE_RTSP_MOUNT, NULL);

  self->feed = ph_feed_ref_any (feed);
  self->udp_meter = ph_rtsp_udp_meter_new (feed);
  self->label = g_strdup (label);
  self->to_main = ph_mailbox_ref_any (to_main);
  self->to_rtsp = ph_mailbox_ref_any (to_rtsp);
  return self;
}

PhRtspMount *
ph_rtsp_mount_new (PhFeed *feed, const char *label, PhMailbox *to_main, PhMailbox *to_rtsp)
{
  PhRtspMount *self = make_mount (feed, label, to_main, to_rtsp);

  self->encrypted = make_mount (feed, label, to_main, to_rtsp);
  gst_rtsp_media_factory_set_profiles (
      GST_RTSP_MEDIA_FACTORY (self->encrypted), GST_RTSP_PROFILE_SAVP);
  return self;
}

PhRtspMount *
ph_rtsp_mount_get_encrypted_any (PhRtspMount *self)
{
  return self->encrypted;
}

gboolean
ph_rtsp_mount_is_encrypted_any (PhRtspMount *self)
{
  return self->encrypted == NULL;
}

PhFeed *
ph_rtsp_mount_get_feed_any (PhRtspMount *self)
{
  return self->feed;
}

const char *
ph_rtsp_mount_get_label_any (PhRtspMount *self)
{
  return self->label;
}

void
ph_rtsp_mount_set_threads_any (PhRtspMount *self, guint n_threads)
{
  if (self->encrypted != NULL)
    ph_rtsp_mount_set_threads_any (self->encrypted, n_threads);
  g_atomic_int_set (&self->n_threads, n_threads);
}

void
ph_rtsp_mount_set_multicast_any (PhRtspMount *self, GstRTSPAddressPool *pool)
{
  GstRTSPMediaFactory *factory = GST_RTSP_MEDIA_FACTORY (self);
  GstRTSPLowerTrans protocols = gst_rtsp_media_factory_get_protocols (factory);

  if (self->encrypted != NULL)
    ph_rtsp_mount_set_multicast_any (self->encrypted, pool);
  if (pool != NULL)
    protocols |= GST_RTSP_LOWER_TRANS_UDP_MCAST;
  else
    protocols &= ~(guint)GST_RTSP_LOWER_TRANS_UDP_MCAST;
  gst_rtsp_media_factory_set_protocols (factory, protocols);
  gst_rtsp_media_factory_set_address_pool (factory, pool);
}

GstClockTime
ph_rtsp_mount_get_base_time_any (PhRtspMount *self)
{
  GstClockTime base_time;

  g_mutex_lock (&self->shared.lock);
  base_time = self->shared.base_time;
  g_mutex_unlock (&self->shared.lock);
  return base_time;
}

PhRtspUdpMeter *
ph_rtsp_mount_get_udp_meter_any (PhRtspMount *self)
{
  return self->udp_meter;
}

static void
ph_rtsp_mount_finalize (GObject *object)
{
  PhRtspMount *self = PH_RTSP_MOUNT (object);

  g_clear_object (&self->encrypted);
  g_clear_pointer (&self->shared.keyframe, gst_sample_unref);
  gst_clear_object (&self->shared.appsrc);
  gst_clear_caps (&self->shared.caps);
  g_mutex_clear (&self->shared.lock);
  g_clear_pointer (&self->udp_meter, ph_rtsp_udp_meter_unref_any);
  g_clear_pointer (&self->feed, ph_feed_unref_any);
  g_clear_pointer (&self->to_main, ph_mailbox_unref_any);
  g_clear_pointer (&self->to_rtsp, ph_mailbox_unref_any);
  g_free (self->label);
  G_OBJECT_CLASS (ph_rtsp_mount_parent_class)->finalize (object);
}

static void
ph_rtsp_mount_init (PhRtspMount *self)
{
  GstRTSPMediaFactory *factory = GST_RTSP_MEDIA_FACTORY (self);

  g_mutex_init (&self->shared.lock);
  gst_rtsp_media_factory_set_shared (factory, TRUE);
  gst_rtsp_media_factory_set_latency (factory, 0);
  gst_rtsp_media_factory_set_buffer_size (factory, UDP_SEND_BUFFER);
  gst_rtsp_media_factory_set_protocols (
      factory, GST_RTSP_LOWER_TRANS_UDP | GST_RTSP_LOWER_TRANS_TCP);
}

static void
ph_rtsp_mount_class_init (PhRtspMountClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_rtsp_mount_finalize;
  ph_rtsp_mount_make_medias (GST_RTSP_MEDIA_FACTORY_CLASS (klass));
}
