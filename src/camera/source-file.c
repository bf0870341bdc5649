/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"
#include "camera/brief-run.h"
#include "camera/caps-probe.h"
#include "camera/launch-text.h"
#include "camera/source-kinds.h"

#include <errno.h>
#include <unistd.h>

#define TIMEOUT_MS 8000

static gboolean
probe_on_worker (
    const char *location, PhCapsProbe *probe, GCancellable *cancellable, GError **error)
{
  g_autofree char *text =
      g_strdup_printf ("filesrc%s ! parsebin name=parse fakesink name=probe", location);
  GstElement *pipeline = ph_brief_run_parse (text, error);

  return pipeline != NULL &&
         ph_caps_probe_on_worker (probe, pipeline, TIMEOUT_MS, cancellable, error);
}

/* The bin can be stopped and started again: ":" links every pad that fits whenever one appears,
 * where "!" would do so once. It ends in an element whose pad is always there, and it keeps no
 * clock, since after a restart its times begin anew. A file without times of its own (elementary
 * H.264) gets them from the decoder. Matroska has no decoding times: h264timestamper makes them. */
static const char *
choose_elements (const PhCapsProbe *probe, PhMedia *media)
{
  if (!ph_caps_probe_get_media (probe, media))
    *media = PH_MEDIA_RAW;
  if (*media == PH_MEDIA_JPEG)
    return "parsebin : jpegparse";
  if (*media == PH_MEDIA_H264 && probe->has_pts)
    return probe->has_dts ? "parsebin : " PH_H264_PARSER
                          : "parsebin : h264timestamper ! " PH_H264_PARSER;
  *media = PH_MEDIA_RAW;
  return "decodebin : videoconvert";
}

static gboolean
check_readable (const char *path, GError **error)
{
  int number;

  if (access (path, R_OK) == 0)
    return TRUE;
  number = errno;
  g_set_error (error, PH_ERROR,
      number == ENOENT || number == ENOTDIR ? PH_ERROR_NOT_FOUND : PH_ERROR_UNAVAILABLE,
      "cannot read %s: %s", path, g_strerror (number));
  return FALSE;
}

static gboolean
fill_plan (const PhSourceConfig *config, const char *location, const PhCapsProbe *probe,
    PhSourcePlan *plan, GError **error)
{
  const char *elements = choose_elements (probe, &plan->media);

  if (plan->media == PH_MEDIA_JPEG && !probe->has_pts) {
    g_set_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED,
        "%s has pictures but no times: put them into a container, as with "
        "ffmpeg -r 25 -i FILE -c copy FILE.mkv",
        config->path);
    return FALSE;
  }
  ph_caps_probe_fill_plan (probe, plan);
  plan->text = g_strdup_printf ("( name=source filesrc%s ! %s ) ! %sclocksync", location, elements,
      plan->media == PH_MEDIA_H264 ? PH_H264_FRAMING " ! " : "");
  plan->ends = TRUE;
  return TRUE;
}

gboolean
ph_source_plan_file_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error)
{
  g_autoptr (GString) location = g_string_new (NULL);
  g_autoptr (GError) fault = NULL;
  g_auto (PhCapsProbe) probe = { 0 };

  if (!check_readable (config->path, error) ||
      !ph_launch_append_property (location, "location", config->path, error))
    return FALSE;
  if (!probe_on_worker (location->str, &probe, cancellable, &fault)) {
    if (g_error_matches (fault, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      g_propagate_error (error, g_steal_pointer (&fault));
    else
      g_set_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED, "cannot play %s: %s", config->path,
          fault->message);
    return FALSE;
  }
  return fill_plan (config, location->str, &probe, plan, error);
}
