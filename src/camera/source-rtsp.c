/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "camera/brief-run.h"
#include "camera/caps-probe.h"
#include "camera/launch-text.h"
#include "camera/source-kinds.h"

#include <string.h>

#define TIMEOUT_MS 8000

/* Microseconds. With "auto" nothing over UDP within the first time means that TCP is tried: it has
 * to leave room for that within TIMEOUT_MS. latency is in milliseconds: what a network at home
 * needs to put UDP packets in order. */
#define RTSPSRC_TIMES " timeout=3000000 tcp-timeout=5000000 latency=200"

static const char *
get_protocols (PhTransport transport)
{
  switch (transport) {
  case PH_TRANSPORT_UDP:
    return "udp";
  case PH_TRANSPORT_TCP:
    return "tcp";
  case PH_TRANSPORT_AUTO:
    break;
  }
  return "tcp+udp";
}

/* NULL and PH_ERROR_SETTINGS for a URL that carries a password: it would stand in every log. */
static char *
parse_host (const char *url, GError **error)
{
  g_autoptr (GUri) uri =
      g_uri_parse (url, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_PARSE_RELAXED, NULL);

  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0') {
    g_set_error_literal (
        error, PH_ERROR, PH_ERROR_SETTINGS, "the url of the camera is not like rtsp://HOST/PATH");
    return NULL;
  }
  if (g_uri_get_userinfo (uri) != NULL) {
    g_set_error_literal (error, PH_ERROR, PH_ERROR_SETTINGS,
        "user and password do not belong into the url of the camera: use username and "
        "password_file");
    return NULL;
  }
  return g_strdup (g_uri_get_host (uri));
}

/* The password is no part of it: ph_source_apply_secrets(). */
static char *
make_rtspsrc_text (const PhSourceConfig *config, GError **error)
{
  g_autoptr (GString) text = g_string_new ("rtspsrc name=source");

  if (!ph_launch_append_property (text, "location", config->url, error))
    return NULL;
  g_string_append_printf (text, " protocols=%s" RTSPSRC_TIMES, get_protocols (config->transport));
  if (config->username != NULL &&
      !ph_launch_append_property (text, "user-id", config->username, error))
    return NULL;
  return g_strdup (text->str);
}

static void
explain (const PhSourceConfig *config, const char *host, const GError *fault, GError **error)
{
  static const struct {
    GQuark (*domain) (void);
    int code;
    PhErrorCode as;
    const char *before, *after; /* the host */
  } rows[] = {
    { gst_resource_error_quark, GST_RESOURCE_ERROR_NOT_AUTHORIZED, PH_ERROR_UNAVAILABLE,
        "the camera at", " refuses user and password" },
    { gst_resource_error_quark, GST_RESOURCE_ERROR_NOT_FOUND, PH_ERROR_NOT_FOUND, "the camera at",
        " has no stream under the path of the url" },
    { gst_resource_error_quark, GST_RESOURCE_ERROR_OPEN_READ, PH_ERROR_UNAVAILABLE,
        "no camera answers at", "" },
    { gst_resource_error_quark, GST_RESOURCE_ERROR_OPEN_WRITE, PH_ERROR_UNAVAILABLE,
        "no camera answers at", "" },
    { gst_resource_error_quark, GST_RESOURCE_ERROR_OPEN_READ_WRITE, PH_ERROR_UNAVAILABLE,
        "no camera answers at", "" },
    { gst_resource_error_quark, GST_RESOURCE_ERROR_READ, PH_ERROR_UNAVAILABLE, "the camera at",
        " does not answer" },
    { g_io_error_quark, G_IO_ERROR_TIMED_OUT, PH_ERROR_UNAVAILABLE,
        "no picture came from the camera at", " within 8 seconds" },
  };

  if (config->username == NULL &&
      g_error_matches (fault, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED)) {
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE,
        "the camera at %s wants a user and a password: set username and password_file", host);
    return;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (!g_error_matches (fault, rows[i].domain (), rows[i].code))
      continue;
    g_set_error (error, PH_ERROR, rows[i].as, "%s %s%s", rows[i].before, host, rows[i].after);
    return;
  }
  if (fault->domain == PH_ERROR || g_error_matches (fault, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_error_copy (fault));
  else
    g_set_error (error, PH_ERROR, PH_ERROR_UNAVAILABLE, "the camera at %s cannot be read: %s", host,
        fault->message);
}

static gboolean
probe_on_worker (const PhSourceConfig *config, const char *rtspsrc, PhCapsProbe *probe,
    GCancellable *cancellable, GError **error)
{
  g_autofree char *text = g_strdup_printf (
      "%s ! application/x-rtp,media=video ! parsebin name=parse fakesink name=probe", rtspsrc);
  g_autoptr (GstElement) pipeline = ph_brief_run_parse (text, error);

  if (pipeline == NULL || !ph_source_apply_secrets (config, pipeline, error))
    return FALSE;
  return ph_caps_probe_on_worker (
      probe, g_steal_pointer (&pipeline), TIMEOUT_MS, cancellable, error);
}

static const char *
choose_elements (const PhCapsProbe *probe, PhMedia *media)
{
  if (!ph_caps_probe_get_media (probe, media))
    *media = PH_MEDIA_RAW;
  switch (*media) {
  case PH_MEDIA_H264:
    return "application/x-rtp,media=video,encoding-name=H264 ! rtph264depay ! " PH_H264_PARSER
           " ! " PH_H264_FRAMING;
  case PH_MEDIA_JPEG:
    return "application/x-rtp,media=video,encoding-name=JPEG ! rtpjpegdepay";
  case PH_MEDIA_RAW:
    break;
  }
  return "application/x-rtp,media=video ! decodebin ! videoconvert";
}

gboolean
ph_source_plan_rtsp_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error)
{
  g_autofree char *host = parse_host (config->url, error);
  g_autofree char *rtspsrc = host != NULL ? make_rtspsrc_text (config, error) : NULL;
  g_autoptr (GError) fault = NULL;
  g_auto (PhCapsProbe) probe = { 0 };

  if (rtspsrc == NULL)
    return FALSE;
  if (!probe_on_worker (config, rtspsrc, &probe, cancellable, &fault)) {
    explain (config, host, fault, error);
    return FALSE;
  }
  plan->text = g_strdup_printf ("%s ! %s", rtspsrc, choose_elements (&probe, &plan->media));
  ph_caps_probe_fill_plan (&probe, plan);
  return TRUE;
}
