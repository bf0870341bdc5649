/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/srtp.h"

#include <gnutls/crypto.h>

/* What srtpenc does unless told otherwise, and its master key with the salt (RFC 4568, 6.2). */
#define SUITE "AES_CM_128_HMAC_SHA1_80"
#define KEY_BYTES (16 + 14)

/* Without a key it does not start, and nobody sees anything. */
static void
on_encoder_made (GstRTSPStream *stream, GstElement *encoder, gpointer user_data)
{
  guint8 bytes[KEY_BYTES];
  g_autoptr (GstBuffer) key = NULL;

  g_object_set (encoder, "random-key", FALSE, NULL);
  if (gnutls_rnd (GNUTLS_RND_KEY, bytes, sizeof bytes) < 0) {
    g_warning ("no SRTP: there are no random numbers for a key");
    return;
  }
  key = gst_buffer_new_memdup (bytes, sizeof bytes);
  g_object_set (encoder, "key", key, NULL);
}

void
ph_rtsp_srtp_give_key (GstRTSPStream *stream)
{
  g_signal_connect (stream, "new-rtp-encoder", G_CALLBACK (on_encoder_made), NULL);
}

/* NULL: there is none. */
static char *
try_make_crypto (GstRTSPStream *stream)
{
  g_autoptr (GstElement) encoder = gst_rtsp_stream_get_srtp_encoder (stream);
  g_autoptr (GstBuffer) key = NULL;
  g_autofree char *text = NULL;
  guint8 bytes[KEY_BYTES];

  if (encoder != NULL)
    g_object_get (encoder, "key", &key, NULL);
  if (key == NULL || gst_buffer_extract (key, 0, bytes, sizeof bytes) != sizeof bytes)
    return NULL;
  text = g_base64_encode (bytes, sizeof bytes);
  return g_strdup_printf ("1 " SUITE " inline:%s", text);
}

void
ph_rtsp_srtp_describe_on_rtsp (GstRTSPStream *stream, GstSDPMessage *sdp)
{
  g_autofree char *crypto = try_make_crypto (stream);

  if (crypto != NULL && gst_sdp_message_medias_len (sdp) > 0)
    gst_sdp_media_add_attribute (
        (GstSDPMedia *)gst_sdp_message_get_media (sdp, 0), "crypto", crypto);
}
