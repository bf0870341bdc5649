/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "camera/brief-run.h"
#include "camera/caps-probe.h"
#include "camera/source-kinds.h"

#define TIMEOUT_MS 8000

static gboolean
probe_on_worker (const char *line, PhCapsProbe *probe, GCancellable *cancellable, GError **error)
{
  g_autofree char *text = g_strdup_printf ("%s ! fakesink name=probe", line);
  g_autoptr (GError) fault = NULL;
  GstElement *pipeline = ph_brief_run_parse (text, &fault);

  if (pipeline != NULL &&
      ph_caps_probe_on_worker (probe, pipeline, TIMEOUT_MS, cancellable, &fault))
    return TRUE;
  if (g_error_matches (fault, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&fault));
  else
    g_set_error (error, PH_ERROR, pipeline != NULL ? PH_ERROR_UNAVAILABLE : PH_ERROR_UNSUPPORTED,
        "the launch line does not run: %s", fault->message);
  return FALSE;
}

static char *
append_parser (const char *line, const PhCapsProbe *probe, PhMedia media)
{
  if (media == PH_MEDIA_H264)
    return g_strdup_printf ("%s ! " PH_H264_PARSER " ! " PH_H264_FRAMING, line);
  if (media == PH_MEDIA_JPEG && probe->width == 0)
    return g_strdup_printf ("%s ! jpegparse", line);
  return g_strdup (line);
}

/* The line is the user's own and stands as it is; it never comes over the network. Where the caps
 * at its end do not tell the size, those of the parser do. */
gboolean
ph_source_plan_launch_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error)
{
  g_auto (PhCapsProbe) probe = { 0 };

  if (!probe_on_worker (config->launch, &probe, cancellable, error))
    return FALSE;
  if (!ph_caps_probe_get_media (&probe, &plan->media)) {
    g_set_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED,
        "the launch line ends in %s; it must end in video/x-raw, video/x-h264 or image/jpeg",
        probe.media_type);
    return FALSE;
  }
  plan->text = append_parser (config->launch, &probe, plan->media);
  if (probe.width == 0) {
    ph_caps_probe_clear (&probe);
    if (!probe_on_worker (plan->text, &probe, cancellable, error))
      return FALSE;
  }
  ph_caps_probe_fill_plan (&probe, plan);
  return TRUE;
}
