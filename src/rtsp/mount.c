/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/mount.h"

#include "camera/tap.h"
#include "rtsp/outbox.h"
#include "rtsp/srtp.h"
#include "rtsp/udp-sender.h"
#include "rtsp/unit.h"

#include <gst/app/app.h>

/* What may wait in front of the payloader; beyond it the tap is full. */
#define MAX_LEVEL GST_SECOND
/* Payload size for which a packet fits through PPPoE and most tunnels. */
#define MTU 1400
/* For the burst of a keyframe over UDP. */
#define UDP_SEND_BUFFER (512 * 1024)

struct _PhRtspMount {
  GstRTSPMediaFactory parent_instance;

  PhRtspMount *encrypted; /* nullable: it is itself */
  PhFeed *feed;
  PhRtspUdpMeter *udp_meter;
  char *label;
  PhMailbox *to_main;
  PhMailbox *to_rtsp;

  int n_holds; /* atomic */
  int n_threads; /* atomic: that may send for a media to come */
  int is_in_main_mailbox; /* atomic boolean */
  int is_in_rtsp_mailbox; /* atomic boolean */
  int is_closed; /* atomic boolean */

  /* main thread */
  PhTap *tap; /* nullable */
  gboolean is_dark;

  /* any thread, under lock; appsrc never blocks, so it may be given to under it */
  struct {
    GMutex lock;
    GstSample *keyframe; /* the newest; NULL before the first */
    PhRtspMountState state;
    GstAppSrc *appsrc; /* of the media there is now; nullable */
    GstCaps *caps; /* appsrc's; nullable */
    GstClockTime base_time; /* feed time at which the media's running time is 0 */
    gboolean is_flowing;
    gboolean waits_for_keyframe;
  } shared;
};

G_DEFINE_FINAL_TYPE (PhRtspMount, ph_rtsp_mount, GST_TYPE_RTSP_MEDIA_FACTORY)

/* What a media has of its mount; freed with the media. */
typedef struct {
  PhRtspMount *mount;
  GstAppSrc *appsrc;
  PhRtspFanOut *fan_out; /* over TCP */
  GstBus *bus;
  gulong warning_id; /* 0 once prepared */
} MediaLink;

static GQuark
media_link_quark (void)
{
  return g_quark_from_static_string ("ph-rtsp-media-link");
}

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

/* Under the lock. FALSE: it is full. */
static gboolean
give_to_media_any (PhRtspMount *self, GstSample *sample)
{
  g_autoptr (GstBuffer) buffer = ph_rtsp_unit_copy_any (gst_sample_get_buffer (sample));
  GstBuffer *original = gst_sample_get_buffer (sample);
  GstClockTime base_time = self->shared.base_time;

  if (gst_app_src_get_current_level_time (self->shared.appsrc) > MAX_LEVEL)
    return FALSE;
  if (gst_caps_replace (&self->shared.caps, gst_sample_get_caps (sample)))
    gst_app_src_set_caps (self->shared.appsrc, self->shared.caps);
  GST_BUFFER_PTS (buffer) = GST_BUFFER_PTS (original) - MIN (base_time, GST_BUFFER_PTS (original));
  GST_BUFFER_DTS (buffer) = GST_BUFFER_DTS (original) - MIN (base_time, GST_BUFFER_DTS (original));
  return gst_app_src_push_buffer (self->shared.appsrc, g_steal_pointer (&buffer)) == GST_FLOW_OK;
}

/* Under the lock. */
static gboolean
let_flow_on_stream (PhRtspMount *self, GstSample *sample, gboolean is_keyframe)
{
  gboolean has_room;

  if (self->shared.appsrc == NULL || !self->shared.is_flowing)
    return TRUE;
  if (self->shared.waits_for_keyframe && !is_keyframe)
    return TRUE;
  has_room = give_to_media_any (self, sample);
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

/* ---- the media ------------------------------------------------------------------------------ */

/* A payloader only warns of pictures it cannot pack (JPEG that RFC 2435 has no words for), and the
 * media would be waited for in vain. */
static void
on_media_warning_on_stream (GstBus *bus, GstMessage *warning, gpointer user_data)
{
  MediaLink *link = user_data;
  g_autoptr (GError) error = NULL;

  gst_message_parse_warning (warning, &error, NULL);
  g_warning ("%s cannot be sent: %s", link->mount->label, error->message);
  gst_bus_post (bus, gst_message_new_error (GST_MESSAGE_SRC (warning), error, NULL));
}

static void
watch_for_warnings (MediaLink *link, GstRTSPMedia *media)
{
  g_autoptr (GstElement) element = gst_rtsp_media_get_element (media);
  g_autoptr (GstObject) pipeline = gst_object_get_parent (GST_OBJECT (element));

  link->bus = gst_element_get_bus (GST_ELEMENT (pipeline));
  gst_bus_enable_sync_message_emission (link->bus);
  link->warning_id = g_signal_connect (
      link->bus, "sync-message::warning", G_CALLBACK (on_media_warning_on_stream), link);
}

static void
stop_watching_for_warnings (MediaLink *link)
{
  if (link->warning_id == 0)
    return;
  g_clear_signal_handler (&link->warning_id, link->bus);
  gst_bus_disable_sync_message_emission (link->bus);
}

static void
free_media_link (gpointer data)
{
  MediaLink *link = data;
  PhRtspMount *self = link->mount;

  g_mutex_lock (&self->shared.lock);
  if (self->shared.appsrc == link->appsrc) {
    gst_clear_object (&self->shared.appsrc);
    gst_clear_caps (&self->shared.caps);
    self->shared.is_flowing = FALSE;
  }
  g_mutex_unlock (&self->shared.lock);
  stop_watching_for_warnings (link);
  gst_object_unref (link->bus);
  gst_object_unref (link->appsrc);
  ph_rtsp_fan_out_unref_any (link->fan_out);
  ph_rtsp_mount_release_any (self);
  g_object_unref (self);
  g_free (link);
}

/* One media for all paths the mount is reached by. */
static char *
make_key_on_rtsp (GstRTSPMediaFactory *factory, const GstRTSPUrl *url)
{
  return g_strdup ("feed");
}

/* Without a keyframe it would be waited for, with everybody else. */
static GstRTSPMedia *
construct_on_rtsp (GstRTSPMediaFactory *factory, const GstRTSPUrl *url)
{
  PhRtspMount *self = PH_RTSP_MOUNT (factory);
  gboolean has_keyframe;

  g_mutex_lock (&self->shared.lock);
  has_keyframe = self->shared.keyframe != NULL;
  g_mutex_unlock (&self->shared.lock);
  if (!has_keyframe)
    return NULL;
  return GST_RTSP_MEDIA_FACTORY_CLASS (ph_rtsp_mount_parent_class)->construct (factory, url);
}

static GstElement *
make_payloader (PhFeed *feed)
{
  GstElement *payloader;

  if (ph_feed_get_codec_any (feed) == PH_CODEC_JPEG)
    payloader = gst_element_factory_make_full ("rtpjpegpay", "name", "pay0", "mtu", MTU, NULL);
  else
    payloader =
        gst_element_factory_make_full ("rtph264pay", "name", "pay0", "mtu", MTU, "pt", 96, NULL);
  return payloader;
}

/* A feed is byte-stream with its parameter sets in front of each keyframe, which is all the
 * payloader asks for: no h264parse. */
static GstElement *
create_element_on_rtsp (GstRTSPMediaFactory *factory, const GstRTSPUrl *url)
{
  PhRtspMount *self = PH_RTSP_MOUNT (factory);
  GstElement *bin = gst_bin_new (NULL);
  GstElement *source = gst_element_factory_make_full (
      "appsrc", "name", "feed", "is-live", TRUE, "format", GST_FORMAT_TIME, NULL);
  GstElement *payloader = make_payloader (self->feed);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (payloader, "src");

  gst_bin_add_many (GST_BIN (bin), source, payloader, NULL);
  gst_element_link (source, payloader);
  ph_rtsp_unit_gather (pad);
  return bin;
}

/* The sinks come when the first viewer asks for them. */
static void
on_element_added (GstBin *pipeline, GstBin *bin, GstElement *element, gpointer user_data)
{
  PhRtspMount *self = user_data; /* the media's link keeps it */
  GstElementFactory *factory = gst_element_get_factory (element);

  if (factory != NULL && g_str_equal (GST_OBJECT_NAME (factory), "multiudpsink"))
    ph_rtsp_udp_sender_take_over (element, g_atomic_int_get (&self->n_threads));
}

/* The pipeline's running time 0 is a feed time chosen here, once and for all its states. */
static GstElement *
create_pipeline_on_rtsp (GstRTSPMediaFactory *factory, GstRTSPMedia *media)
{
  PhRtspMount *self = PH_RTSP_MOUNT (factory);
  GstElement *pipeline =
      GST_RTSP_MEDIA_FACTORY_CLASS (ph_rtsp_mount_parent_class)->create_pipeline (factory, media);
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();

  g_mutex_lock (&self->shared.lock);
  self->shared.base_time = GST_BUFFER_DTS (gst_sample_get_buffer (self->shared.keyframe));
  gst_pipeline_use_clock (GST_PIPELINE (pipeline), clock);
  gst_element_set_start_time (pipeline, GST_CLOCK_TIME_NONE);
  gst_element_set_base_time (pipeline, self->shared.base_time);
  g_signal_connect (pipeline, "deep-element-added", G_CALLBACK (on_element_added), self);
  g_mutex_unlock (&self->shared.lock);
  return pipeline;
}

static GstElement *
get_rtpbin (GstRTSPMedia *media)
{
  g_autoptr (GstRTSPStream) stream = g_object_ref (gst_rtsp_media_get_stream (media, 0));
  g_autoptr (GstPad) pad = gst_rtsp_stream_get_srcpad (stream);
  g_autoptr (GstPad) peer = gst_pad_get_peer (pad);

  return gst_pad_get_parent_element (peer);
}

/* The keyframe that let the media be described is old by the time somebody plays, and would put
 * that viewer's clock as far behind; sender reports tell when a picture was taken, not sent. */
static void
on_media_prepared_on_rtsp (GstRTSPMedia *media, gpointer user_data)
{
  MediaLink *link = user_data;
  g_autoptr (GstElement) rtpbin = NULL;
  g_autoptr (GstPad) pad = NULL;

  if (link->warning_id == 0)
    return;
  stop_watching_for_warnings (link);
  rtpbin = get_rtpbin (media);
  g_object_set (rtpbin, "rtcp-sync-send-time", FALSE, NULL);
  pad = gst_element_get_static_pad (rtpbin, "send_rtp_src_0");
  ph_rtsp_unit_drop_first (pad);
  ph_rtsp_udp_meter_watch (
      link->mount->udp_meter, pad, ph_rtsp_mount_get_base_time_any (link->mount));
}

static void
configure_on_rtsp (GstRTSPMediaFactory *factory, GstRTSPMedia *media)
{
  PhRtspMount *self = PH_RTSP_MOUNT (factory);
  g_autoptr (GstElement) element = gst_rtsp_media_get_element (media);
  MediaLink *link = g_new0 (MediaLink, 1);

  GST_RTSP_MEDIA_FACTORY_CLASS (ph_rtsp_mount_parent_class)->configure (factory, media);
  link->mount = g_object_ref (self);
  link->appsrc = GST_APP_SRC (gst_bin_get_by_name (GST_BIN (element), "feed"));
  link->fan_out =
      ph_rtsp_fan_out_new (g_atomic_int_get (&self->n_threads), ph_rtsp_outbox_send_offered_any);
  ph_rtsp_mount_hold_any (self);
  g_object_set_qdata_full (G_OBJECT (media), media_link_quark (), link, free_media_link);
  g_signal_connect (media, "prepared", G_CALLBACK (on_media_prepared_on_rtsp), link);
  watch_for_warnings (link, media);
  if (ph_rtsp_mount_is_encrypted_any (self))
    ph_rtsp_srtp_give_key (gst_rtsp_media_get_stream (media, 0));

  g_mutex_lock (&self->shared.lock);
  gst_object_replace ((GstObject **)&self->shared.appsrc, GST_OBJECT (link->appsrc));
  gst_clear_caps (&self->shared.caps);
  self->shared.is_flowing = FALSE;
  give_to_media_any (self, self->shared.keyframe);
  g_mutex_unlock (&self->shared.lock);
}

PhRtspMount *
ph_rtsp_mount_of_media_on_rtsp (GstRTSPMedia *media)
{
  MediaLink *link = g_object_get_qdata (G_OBJECT (media), media_link_quark ());

  return link != NULL ? link->mount : NULL;
}

PhRtspFanOut *
ph_rtsp_mount_get_fan_out_on_rtsp (GstRTSPMedia *media)
{
  MediaLink *link = g_object_get_qdata (G_OBJECT (media), media_link_quark ());

  return link->fan_out;
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
  GstRTSPMediaFactoryClass *factory_class = GST_RTSP_MEDIA_FACTORY_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ph_rtsp_mount_finalize;
  factory_class->gen_key = make_key_on_rtsp;
  factory_class->construct = construct_on_rtsp;
  factory_class->create_element = create_element_on_rtsp;
  factory_class->create_pipeline = create_pipeline_on_rtsp;
  factory_class->configure = configure_on_rtsp;
}
