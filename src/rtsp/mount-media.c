/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The media of a mount: what gst-rtsp-server asks of its factory, and what pictures go into. */
#include "rtsp/mount-private.h"

#include "rtsp/outbox.h"
#include "rtsp/srtp.h"
#include "rtsp/udp-sender.h"
#include "rtsp/unit.h"

/* What may wait in front of the payloader; beyond it the tap is full. */
#define MAX_LEVEL GST_SECOND
/* Payload size for which a packet fits through PPPoE and most tunnels. */
#define MTU 1400

static GstRTSPMedia *(*parent_construct) (GstRTSPMediaFactory *factory, const GstRTSPUrl *url);
static GstElement *(*parent_create_pipeline) (GstRTSPMediaFactory *factory, GstRTSPMedia *media);
static void (*parent_configure) (GstRTSPMediaFactory *factory, GstRTSPMedia *media);

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

gboolean
ph_rtsp_mount_give_to_media_any (PhRtspMount *self, GstSample *sample)
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
  return parent_construct (factory, url);
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
  GstElement *pipeline = parent_create_pipeline (factory, media);
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

  parent_configure (factory, media);
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
  ph_rtsp_mount_give_to_media_any (self, self->shared.keyframe);
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
ph_rtsp_mount_make_medias (GstRTSPMediaFactoryClass *klass)
{
  parent_construct = klass->construct;
  parent_create_pipeline = klass->create_pipeline;
  parent_configure = klass->configure;
  klass->gen_key = make_key_on_rtsp;
  klass->construct = construct_on_rtsp;
  klass->create_element = create_element_on_rtsp;
  klass->create_pipeline = create_pipeline_on_rtsp;
  klass->configure = configure_on_rtsp;
}
