/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/transport.h"

#include <string.h>

#define AVP "RTP/AVP"
#define SAVP "RTP/SAVP"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRTSPTransport, gst_rtsp_transport_free)

static gboolean
is_known (const char *field)
{
  static const char *const with_value[] = { "destination=", "source=", "layers=", "mode=", "append",
    "interleaved=", "ttl=", "port=", "client_port=", "server_port=", "ssrc=" };

  for (gsize i = 0; i < G_N_ELEMENTS (with_value); i++)
    if (g_ascii_strncasecmp (field, with_value[i], strlen (with_value[i])) == 0)
      return TRUE;
  return g_ascii_strcasecmp (field, "unicast") == 0 || g_ascii_strcasecmp (field, "multicast") == 0;
}

/* GStreamer warns of each field it does not know: strangers would fill the log. */
static char *
leave_unknown_out (const char *text)
{
  g_auto (GStrv) fields = g_strsplit (text, ";", -1);
  g_autoptr (GString) known = g_string_new (fields[0]);

  for (guint i = 1; fields[0] != NULL && fields[i] != NULL; i++)
    if (is_known (fields[i]))
      g_string_append_printf (known, ";%s", fields[i]);
  return g_string_free (g_steal_pointer (&known), FALSE);
}

/* NULL: it makes no sense. */
static GstRTSPTransport *
try_parse (const char *text)
{
  g_autoptr (GstRTSPTransport) transport = NULL;

  gst_rtsp_transport_new (&transport);
  if (gst_rtsp_transport_parse (text, transport) != GST_RTSP_OK)
    return NULL;
  return g_steal_pointer (&transport);
}

/* NULL: it cannot be had. */
static char *
try_choose (const char *text, PhRtspOffer offer)
{
  g_autoptr (GstRTSPTransport) transport = try_parse (text);
  gboolean is_clear = transport != NULL && transport->profile == GST_RTSP_PROFILE_AVP;

  switch (offer) {
  case PH_RTSP_OFFER_CLEAR:
    return is_clear ? g_strdup (text) : NULL;
  case PH_RTSP_OFFER_TLS:
    return is_clear && transport->lower_transport == GST_RTSP_LOWER_TRANS_TCP ? g_strdup (text)
                                                                              : NULL;
  case PH_RTSP_OFFER_SRTP:
    if (is_clear && g_ascii_strncasecmp (text, AVP, strlen (AVP)) == 0)
      return g_strconcat (SAVP, text + strlen (AVP), NULL);
    return transport != NULL && transport->profile == GST_RTSP_PROFILE_SAVP ? g_strdup (text)
                                                                            : NULL;
  }
  return NULL;
}

void
ph_rtsp_transport_keep_possible_any (GstRTSPMessage *setup, PhRtspOffer offer)
{
  g_autoptr (GString) possible = g_string_new (NULL);
  g_autoptr (GString) all = g_string_new (NULL);
  char *text;

  for (int i = 0;
       gst_rtsp_message_get_header (setup, GST_RTSP_HDR_TRANSPORT, &text, i) == GST_RTSP_OK; i++) {
    g_autofree char *known = leave_unknown_out (text);
    g_autofree char *chosen = try_choose (known, offer);

    g_string_append_printf (all, "%s%s", all->len > 0 ? "," : "", known);
    if (chosen != NULL)
      g_string_append_printf (possible, "%s%s", possible->len > 0 ? "," : "", chosen);
  }
  if (all->len == 0)
    return;
  gst_rtsp_message_remove_header (setup, GST_RTSP_HDR_TRANSPORT, -1);
  gst_rtsp_message_add_header (
      setup, GST_RTSP_HDR_TRANSPORT, possible->len > 0 ? possible->str : all->str);
}

gboolean
ph_rtsp_transport_has_srtp_any (GstRTSPMessage *setup)
{
  char *text;

  for (int i = 0;
       gst_rtsp_message_get_header (setup, GST_RTSP_HDR_TRANSPORT, &text, i) == GST_RTSP_OK; i++)
    if (g_ascii_strncasecmp (text, SAVP, strlen (SAVP)) == 0)
      return TRUE;
  return FALSE;
}
