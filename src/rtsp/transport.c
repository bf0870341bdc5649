/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/transport.h"

#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRTSPTransport, gst_rtsp_transport_free)

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

static gboolean
is_possible (const char *text, gboolean is_private)
{
  g_autoptr (GstRTSPTransport) transport = try_parse (text);

  if (transport == NULL || transport->profile != GST_RTSP_PROFILE_AVP)
    return FALSE;
  return !is_private || transport->lower_transport == GST_RTSP_LOWER_TRANS_TCP;
}

void
ph_rtsp_transport_keep_possible_any (GstRTSPMessage *setup, gboolean is_private)
{
  g_autoptr (GString) possible = g_string_new (NULL);
  char *text;

  for (int i = 0;
       gst_rtsp_message_get_header (setup, GST_RTSP_HDR_TRANSPORT, &text, i) == GST_RTSP_OK; i++)
    if (is_possible (text, is_private))
      g_string_append_printf (possible, "%s%s", possible->len > 0 ? "," : "", text);
  if (possible->len == 0)
    return;
  gst_rtsp_message_remove_header (setup, GST_RTSP_HDR_TRANSPORT, -1);
  gst_rtsp_message_add_header (setup, GST_RTSP_HDR_TRANSPORT, possible->str);
}

gboolean
ph_rtsp_transport_has_srtp_any (GstRTSPMessage *setup)
{
  char *text;

  for (int i = 0;
       gst_rtsp_message_get_header (setup, GST_RTSP_HDR_TRANSPORT, &text, i) == GST_RTSP_OK; i++)
    if (g_ascii_strncasecmp (text, "RTP/SAVP", strlen ("RTP/SAVP")) == 0)
      return TRUE;
  return FALSE;
}
