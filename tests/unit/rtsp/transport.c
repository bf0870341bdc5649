/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/transport.h"

#define SRTP "RTP/SAVP;unicast;client_port=5000-5001"
#define UDP "RTP/AVP;unicast;client_port=5000-5001"
#define TCP "RTP/AVP/TCP;unicast;interleaved=0-1"

typedef struct {
  const char *listed[4];
  const char *in_clear, *beside_tls;
} Case;

static const Case cases[] = {
  { { UDP, TCP }, UDP "," TCP, TCP },
  { { SRTP, TCP }, TCP, TCP },
  { { SRTP, UDP }, UDP, SRTP },
  { { SRTP }, SRTP, SRTP },
  { { "nonsense", "", TCP }, TCP, TCP },
  { { "nonsense" }, "nonsense", "nonsense" },
  { { NULL }, NULL, NULL },
};

static void
check (const Case *list, gboolean is_private)
{
  GstRTSPMessage setup = { 0 };
  const char *expected = is_private ? list->beside_tls : list->in_clear;
  char *text = NULL;

  gst_rtsp_message_init_request (&setup, GST_RTSP_SETUP, "rtsp://host/front");
  for (gsize i = 0; i < G_N_ELEMENTS (list->listed) && list->listed[i] != NULL; i++)
    gst_rtsp_message_add_header (&setup, GST_RTSP_HDR_TRANSPORT, list->listed[i]);
  ph_rtsp_transport_keep_possible_any (&setup, is_private);
  gst_rtsp_message_get_header (&setup, GST_RTSP_HDR_TRANSPORT, &text, 0);
  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpint (ph_rtsp_transport_has_srtp_any (&setup), ==, g_strcmp0 (expected, SRTP) == 0);
  gst_rtsp_message_unset (&setup);
}

static void
what_cannot_be_had_is_not_chosen_from (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    check (&cases[i], FALSE);
    check (&cases[i], TRUE);
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
