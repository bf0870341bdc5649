/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/source.h"

#include "base/error.h"
#include "camera/source-kinds.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_PASSWORD_SIZE 4096

static const struct {
  PhSourceType type;
  const char *factory; /* without it the source cannot be; NULL: the text says what it needs */
  const char *package; /* of Debian, that has the factory */
  PhSourcePlanFunc make_plan_on_worker;
} kinds[] = {
  { PH_SOURCE_LIBCAMERA, "libcamerasrc", "gstreamer1.0-libcamera",
      ph_source_plan_libcamera_on_worker },
  { PH_SOURCE_V4L2, "v4l2src", "gstreamer1.0-plugins-good", ph_source_plan_v4l2_on_worker },
  { PH_SOURCE_RTSP, "rtspsrc", "gstreamer1.0-plugins-good", ph_source_plan_rtsp_on_worker },
  { PH_SOURCE_FILE, NULL, NULL, ph_source_plan_file_on_worker },
  { PH_SOURCE_LAUNCH, NULL, NULL, ph_source_plan_launch_on_worker },
  { PH_SOURCE_TEST, "videotestsrc", "gstreamer1.0-plugins-base", ph_source_plan_test_on_worker },
};

/* Loaded here, on the worker: the plugin of v4l2src opens every device there is. */
static gboolean
has_factory_on_worker (const char *name)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find (name);
  g_autoptr (GstPluginFeature) loaded =
      factory != NULL ? gst_plugin_feature_load (GST_PLUGIN_FEATURE (factory)) : NULL;

  return loaded != NULL;
}

gboolean
ph_source_make_plan_on_worker (const PhSourceConfig *config, PhSourcePlan *plan,
    GPtrArray *warnings, GCancellable *cancellable, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (kinds[i].type != config->type)
      continue;
    if (kinds[i].factory != NULL && !has_factory_on_worker (kinds[i].factory)) {
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
  g_clear_pointer (&plan->device_id, g_free);
}

static gboolean
check_nobody_else_reads (int fd, const char *path, GError **error)
{
  struct stat status;

  if (fstat (fd, &status) == 0 && (status.st_mode & (S_IROTH | S_IWOTH)) == 0)
    return TRUE;
  g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS,
      "password_file %s can be read by everybody: chmod 600 it", path);
  return FALSE;
}

/* Free with g_free, better after wiping. */
static char *
read_first_line (const char *path, GError **error)
{
  char buffer[MAX_PASSWORD_SIZE + 1] = "";
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  char *line = NULL;

  if (fd == -1) {
    g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "cannot read password_file %s: %s", path,
        g_strerror (errno));
    return NULL;
  }
  if (check_nobody_else_reads (fd, path, error)) {
    if (read (fd, buffer, MAX_PASSWORD_SIZE) == -1)
      g_set_error (error, PH_ERROR, PH_ERROR_SETTINGS, "cannot read password_file %s: %s", path,
          g_strerror (errno));
    else
      line = g_strndup (buffer, strcspn (buffer, "\r\n"));
  }
  explicit_bzero (buffer, sizeof buffer);
  close (fd);
  return line;
}

gboolean
ph_source_apply_secrets (const PhSourceConfig *config, GstElement *pipeline, GError **error)
{
  g_autoptr (GstElement) source = NULL;
  char *password;

  if (config->type != PH_SOURCE_RTSP || config->password_file == NULL)
    return TRUE;
  password = read_first_line (config->password_file, error);
  if (password == NULL)
    return FALSE;
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_object_set (source, "user-pw", password, NULL);
  explicit_bzero (password, strlen (password));
  g_free (password);
  return TRUE;
}
