/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/source.h"

#include "base/error.h"
#include "camera/launch-text.h"
#include "camera/source-kinds.h"

/* What a source without wishes is asked for. */
#define DEFAULT_WIDTH 1280
#define DEFAULT_HEIGHT 720
#define DEFAULT_FRAMERATE 30.0

static const struct {
  PhSourceType type;
  const char *factory; /* without it the source cannot be; NULL: the text says what it needs */
  const char *package; /* of Debian, that has the factory */
  PhSourcePlanFunc make_plan_on_worker;
} kinds[] = {
  { PH_SOURCE_LIBCAMERA, "libcamerasrc", "gstreamer1.0-libcamera",
      ph_source_plan_libcamera_on_worker },
  { PH_SOURCE_V4L2, "v4l2src", "gstreamer1.0-plugins-good", ph_source_plan_v4l2_on_worker },
  { PH_SOURCE_TEST, "videotestsrc", "gstreamer1.0-plugins-base", ph_source_plan_test_on_worker },
};

gboolean
ph_source_make_plan_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (kinds[i].type != config->type)
      continue;
    if (kinds[i].factory != NULL && !gst_registry_check_feature_version (gst_registry_get (),
                                        kinds[i].factory, GST_VERSION_MAJOR, 0, 0)) {
      g_set_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED,
          "the GStreamer element %s is missing: install %s", kinds[i].factory, kinds[i].package);
      return FALSE;
    }
    return kinds[i].make_plan_on_worker (config, plan, warnings, cancellable, error);
  }
  g_set_error_literal (
      error, PH_ERROR, PH_ERROR_UNSUPPORTED, "this build has no source of that type");
  return FALSE;
}

void
ph_source_plan_clear (PhSourcePlan *plan)
{
  g_clear_pointer (&plan->text, g_free);
  g_clear_pointer (&plan->format, g_free);
  g_clear_pointer (&plan->colorimetry, g_free);
}

/* videotestsrc would take its colorimetry from whoever asks for one, though its colours stay the
 * same: so it is pinned. */
gboolean
ph_source_plan_test_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error)
{
  g_autoptr (GString) text = g_string_new ("videotestsrc name=source is-live=true");
  g_autofree char *framerate = NULL;

  plan->media = PH_MEDIA_RAW;
  plan->width = config->width > 0 ? config->width : DEFAULT_WIDTH;
  plan->height = config->height > 0 ? config->height : DEFAULT_HEIGHT;
  plan->framerate = config->framerate > 0 ? config->framerate : DEFAULT_FRAMERATE;
  plan->format = g_strdup ("I420");
  plan->colorimetry = g_strdup ("bt709");
  framerate = ph_launch_framerate (plan->framerate);

  if (config->pattern != NULL &&
      !ph_launch_append_property (text, "pattern", config->pattern, error))
    return FALSE;
  g_string_append_printf (text,
      " ! video/x-raw,format=I420,width=%u,height=%u,framerate=%s,colorimetry=bt709", plan->width,
      plan->height, framerate);
  plan->text = g_strdup (text->str);
  return TRUE;
}
