/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/transport.h"

#define SRTP "RTP/SAVP;unicast;client_port=5000-5001"
#define SRTP_TCP "RTP/SAVP/TCP;unicast;interleaved=0-1"
#define UDP "RTP/AVP;unicast;client_port=5000-5001"
#define TCP "RTP/AVP/TCP;unicast;interleaved=0-1"

typedef struct {
  const char *listed[4];
  const char *in_clear, *beside_tls, *by_srtp;
} Case;

static const Case cases[] = {
  { { UDP, TCP }, UDP "," TCP, TCP, SRTP "," SRTP_TCP },
  { { SRTP, TCP }, TCP, TCP, SRTP "," SRTP_TCP },
  { { SRTP, UDP }, UDP, SRTP "," UDP, SRTP "," SRTP },
  { { SRTP }, SRTP, SRTP, SRTP },
  { { "RTP/SAVPF;unicast;client_port=2-3", "rtp/avp/tcp" }, "rtp/avp/tcp", "rtp/avp/tcp",
      "RTP/SAVP/tcp" },
  { { "nonsense", "", TCP }, TCP, TCP, SRTP_TCP },
  { { "nonsense" }, "nonsense", "nonsense", "nonsense" },
  { { "RTP/AVP/TCP;;UNICAST;RTP/AVP/TCP;x-dynamic-rate=1;Interleaved=0-1;%s" },
      "RTP/AVP/TCP;UNICAST;Interleaved=0-1", "RTP/AVP/TCP;UNICAST;Interleaved=0-1",
      "RTP/SAVP/TCP;UNICAST;Interleaved=0-1" },
  { { "x;y;ttl=3" }, "x;ttl=3", "x;ttl=3", "x;ttl=3" },
  { { NULL }, NULL, NULL, NULL },
};

static void
check (const Case *list, PhRtspOffer offer, const char *expected)
{
  GstRTSPMessage setup = { 0 };
  char *text = NULL;

  gst_rtsp_message_init_request (&setup, GST_RTSP_SETUP, "rtsp://host/front");
  for (gsize i = 0; i < G_N_ELEMENTS (list->listed) && list->listed[i] != NULL; i++)
    gst_rtsp_message_add_header (&setup, GST_RTSP_HDR_TRANSPORT, list->listed[i]);
  ph_rtsp_transport_keep_possible_any (&setup, offer);
  gst_rtsp_message_get_header (&setup, GST_RTSP_HDR_TRANSPORT, &text, 0);
  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpint (ph_rtsp_transport_has_srtp_any (&setup), ==,
      expected != NULL && g_str_has_prefix (expected, "RTP/SAVP"));
  gst_rtsp_message_unset (&setup);
}

static void
what_cannot_be_had_is_not_chosen_from (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    check (&cases[i], PH_RTSP_OFFER_CLEAR, cases[i].in_clear);
    check (&cases[i], PH_RTSP_OFFER_TLS, cases[i].beside_tls);
    check (&cases[i], PH_RTSP_OFFER_SRTP, cases[i].by_srtp);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rtsp/transport/what-cannot-be-had-is-not-chosen-from",
      what_cannot_be_had_is_not_chosen_from);
  return g_test_run ();
}
