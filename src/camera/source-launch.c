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

/* The line is the user's own and stands as it is; it never comes over the network. A coded stream
 * whose caps do not tell its size gets a parser. */
gboolean
ph_source_plan_launch_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error)
{
  g_autofree char *line = g_strdup (config->launch);

  for (gboolean is_parsed = FALSE;; is_parsed = TRUE) {
    g_auto (PhCapsProbe) probe = { 0 };

    if (!probe_on_worker (line, &probe, cancellable, error))
      return FALSE;
    if (!ph_caps_probe_get_media (&probe, &plan->media)) {
      g_set_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED,
          "the launch line ends in %s; it must end in video/x-raw, video/x-h264 or image/jpeg",
          probe.media_type);
      return FALSE;
    }
    if (probe.width > 0 || is_parsed) {
      ph_caps_probe_fill_plan (&probe, plan);
      plan->text = g_steal_pointer (&line);
      return TRUE;
    }
    g_free (line);
    line = g_strdup_printf (
        "%s ! %s", config->launch, plan->media == PH_MEDIA_JPEG ? "jpegparse" : "h264parse");
  }
}
