/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/plan.h"

#include "base/error.h"
#include "camera/branch.h"
#include "camera/launch-text.h"
#include "camera/source.h"

#include <gst/gst.h>

/* Software first: a hardware decoder cannot be tried without the camera's own stream, and one
 * decoded camera costs little. Slice threads only: frame threads hold back a picture each. */
static const struct {
  PhMedia media;
  const char *factory, *text;
} decoders[] = {
  { PH_MEDIA_H264, "avdec_h264", "h264parse ! avdec_h264 thread-type=slice output-corrupt=false" },
  { PH_MEDIA_H264, "openh264dec", "h264parse ! openh264dec" },
  { PH_MEDIA_H264, "v4l2h264dec", "h264parse ! v4l2h264dec" },
  { PH_MEDIA_JPEG, "jpegdec", "jpegdec" },
  { PH_MEDIA_JPEG, "avdec_mjpeg", "avdec_mjpeg" },
};

static const char *
find_decoder (PhMedia media, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (decoders); i++) {
    g_autoptr (GstElementFactory) factory =
        decoders[i].media == media ? gst_element_factory_find (decoders[i].factory) : NULL;

    if (factory != NULL)
      return decoders[i].text;
  }
  g_set_error (error, PH_ERROR, PH_ERROR_UNSUPPORTED,
      "no decoder for what the camera delivers: install %s",
      media == PH_MEDIA_H264 ? "gstreamer1.0-libav" : "gstreamer1.0-plugins-good");
  return NULL;
}

static void
free_branch (gpointer data)
{
  PhBranchPlan *branch = data;

  g_free (branch->stream);
  g_free (branch->text);
  g_free (branch->encoder);
  g_free (branch);
}

static PhPlan *
make_empty_plan (void)
{
  PhPlan *self = g_new0 (PhPlan, 1);

  self->branches = g_ptr_array_new_with_free_func (free_branch);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
ph_plan_tune (PhPlan *self, guint index, const PhStreamConfig *stream)
{
  PhBranchPlan *branch = g_ptr_array_index (self->branches, index);
  const PhEncoder *encoder = branch->encoder != NULL ? ph_encoder_find (branch->encoder) : NULL;

  g_free (branch->text);
  branch->text = ph_branch_make_text (stream, &self->source, encoder);
}

void
ph_plan_free (PhPlan *self)
{
  ph_source_plan_clear (&self->source);
  g_free (self->decode);
  g_ptr_array_unref (self->branches);
  g_ptr_array_unref (self->notes);
  g_ptr_array_unref (self->warnings);
  g_free (self);
}

static gboolean
add_branches_on_worker (
    PhPlan *self, const PhCameraConfig *config, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < config->streams->len; i++) {
    PhBranchPlan *branch = g_new0 (PhBranchPlan, 1);

    g_ptr_array_add (self->branches, branch);
    if (!ph_branch_make_plan_on_worker (g_ptr_array_index (config->streams, i), config->encoder,
            &self->source, branch, self->notes, self->warnings, cancellable, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
maybe_add_decoder (PhPlan *self, GError **error)
{
  gboolean is_wanted = FALSE;

  for (guint i = 0; i < self->branches->len; i++)
    is_wanted |= ((PhBranchPlan *)g_ptr_array_index (self->branches, i))->tee == PH_BRANCH_RAW;
  if (is_wanted && self->source.media != PH_MEDIA_RAW)
    self->decode = g_strdup (find_decoder (self->source.media, error));
  return self->decode != NULL || !is_wanted || self->source.media == PH_MEDIA_RAW;
}

PhPlan *
ph_plan_make_on_worker (
    const PhCameraConfig *config, const char *device_id, GCancellable *cancellable, GError **error)
{
  g_autoptr (PhPlan) self = make_empty_plan ();

  self->source.device_id = g_strdup (device_id);
  if (!ph_source_make_plan_on_worker (
          config->source, &self->source, self->warnings, cancellable, error) ||
      !add_branches_on_worker (self, config, cancellable, error) ||
      !maybe_add_decoder (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

const PhBranchPlan *
ph_plan_find_branch (const PhPlan *self, const char *stream)
{
  for (guint i = 0; self != NULL && i < self->branches->len; i++) {
    const PhBranchPlan *branch = g_ptr_array_index (self->branches, i);

    if (g_str_equal (branch->stream, stream))
      return branch;
  }
  return NULL;
}

/* Coded access units go to a feed by the thread they come in: it takes them at once, and a queue
 * would only be one more thread to wake for each. A decoder that is too slow loses a second of them
 * rather than hold up the stream that is passed through; pictures waiting for an encoder are
 * replaced, and few, since a device has few buffers. */
#define QUEUE_DECODE \
  "queue leaky=downstream max-size-buffers=0 max-size-bytes=0 max-size-time=1000000000"
#define QUEUE_RAW "queue leaky=downstream max-size-buffers=2 max-size-bytes=0 max-size-time=0"

static void
append_branch (GString *text, const PhBranchPlan *branch)
{
  gboolean is_raw = branch->tee == PH_BRANCH_RAW;

  g_string_append_printf (text,
      " %s. ! valve name=gate-%s ! %s%s ! "
      "appsink name=sink-%s sync=false async=false max-buffers=1 drop=true wait-on-eos=false",
      is_raw ? "raw" : "coded", branch->stream, is_raw ? QUEUE_RAW " ! " : "", branch->text,
      branch->stream);
}

char *
ph_plan_to_text (const PhPlan *self)
{
  GString *text = g_string_new (self->source.text);

  g_string_append_printf (text, " ! tee name=%s allow-not-linked=true",
      self->source.media == PH_MEDIA_RAW ? "raw" : "coded");
  if (self->decode != NULL)
    g_string_append_printf (text,
        " coded. ! valve name=decode ! " QUEUE_DECODE " ! %s ! tee name=raw allow-not-linked=true",
        self->decode);
  for (guint i = 0; i < self->branches->len; i++)
    append_branch (text, g_ptr_array_index (self->branches, i));
  return g_string_free (text, FALSE);
}

/* What the shell reads stands in no list of processes but for the moment of gst-launch-1.0. */
static void
insert_password (GString *line, const char *password_file)
{
  g_autofree char *file = g_shell_quote (password_file);
  g_autofree char *words =
      g_strdup_printf ("rtspsrc name=source user-pw=\"$(head -n 1 %s)\"", file);

  g_string_replace (line, "rtspsrc name=source", words, 1);
}

char *
ph_plan_to_shell_line (const PhPlan *self, const PhCameraConfig *config)
{
  g_autofree char *text = ph_plan_to_text (self);
  g_autofree char *words = ph_launch_to_shell (text);
  GString *line = g_string_new (words);

  if (config->source->type == PH_SOURCE_RTSP && config->source->password_file != NULL)
    insert_password (line, config->source->password_file);
  return g_string_free (line, FALSE);
}
