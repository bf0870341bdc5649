/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/launch-text.h"
#include "camera/source-kinds.h"
#include "camera/test-clock.h"

/* What a source without wishes is asked for. */
#define DEFAULT_WIDTH 1280
#define DEFAULT_HEIGHT 720
#define DEFAULT_FRAMERATE 30.0

#define CLOCK_PATTERN "clock"
#define CLOCK_BACKGROUND "ball"

/* videotestsrc would take its colorimetry from whoever asks for one, though its colours stay the
 * same: so it is pinned. */
gboolean
ph_source_plan_test_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error)
{
  g_autoptr (GString) text = g_string_new ("videotestsrc name=source is-live=true");
  gboolean is_clock = g_strcmp0 (config->pattern, CLOCK_PATTERN) == 0;
  const char *pattern = is_clock ? CLOCK_BACKGROUND : config->pattern;
  g_autofree char *framerate = NULL;

  plan->media = PH_MEDIA_RAW;
  plan->width = config->width > 0 ? config->width : DEFAULT_WIDTH;
  plan->height = config->height > 0 ? config->height : DEFAULT_HEIGHT;
  plan->framerate = config->framerate > 0 ? config->framerate : DEFAULT_FRAMERATE;
  plan->format = g_strdup ("I420");
  plan->colorimetry = g_strdup ("bt709");
  framerate = ph_launch_framerate (plan->framerate);

  if (pattern != NULL && !ph_launch_append_property (text, "pattern", pattern, error))
    return FALSE;
  g_string_append_printf (text,
      " ! video/x-raw,format=I420,width=%u,height=%u,framerate=%s,colorimetry=bt709", plan->width,
      plan->height, framerate);
  if (is_clock && !ph_test_clock_append (text, plan->width, plan->height, error))
    return FALSE;
  plan->text = g_strdup (text->str);
  return TRUE;
}
