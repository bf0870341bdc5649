/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "camera/camera-mode.h"
#include "camera/devices.h"

#include <json-glib/json-glib.h>

#define NO_CAMERAS \
  "  none found. A webcam: is it plugged in, and may you read /dev/video* (group video)?\n" \
  "  A camera module on a ribbon cable: is gstreamer1.0-libcamera installed, and the cable the\n" \
  "  right way round? An IP camera is not listed here: give its URL in a source of type rtsp.\n"

static const char *
get_format_name (const PhCameraMode *mode)
{
  return mode->media == PH_MEDIA_H264   ? "H.264"
         : mode->media == PH_MEDIA_JPEG ? "MJPEG"
                                        : mode->format;
}

static char *
make_range_text (PhPixelRange range)
{
  return range.min == range.max ? g_strdup_printf ("%u", range.max)
                                : g_strdup_printf ("%u-%u", range.min, range.max);
}

static char *
make_size_text (const PhCameraMode *mode)
{
  g_autofree char *width = make_range_text (mode->width);
  g_autofree char *height = make_range_text (mode->height);

  return g_strdup_printf ("%sx%s", width, height);
}

static void
append_framerate (GString *text, const PhCameraMode *mode)
{
  double slowest = ph_framerate_to_double (mode->slowest);
  double fastest = ph_framerate_to_double (mode->fastest);

  if (slowest < fastest)
    g_string_append_printf (text, "%.4g-", slowest);
  if (fastest > 0)
    g_string_append_printf (text, "%.4g", fastest);
}

/* One line for each format, in it each size once, behind it its rates; lists of drivers come in
 * this order. */
static void
append_modes (GString *text, const GArray *modes)
{
  const char *format = NULL;
  g_autofree char *size = NULL;

  for (guint i = 0; i < modes->len; i++) {
    const PhCameraMode *mode = &g_array_index (modes, PhCameraMode, i);
    g_autofree char *mode_size = make_size_text (mode);
    gboolean is_new_format = g_strcmp0 (format, get_format_name (mode)) != 0;
    gboolean is_new_size = is_new_format || g_strcmp0 (size, mode_size) != 0;

    if (is_new_format)
      g_string_append_printf (text, "%s    %-6s", i > 0 ? "\n" : "", get_format_name (mode));
    if (is_new_size)
      g_string_append_printf (
          text, "%s %s%s", is_new_format ? "" : ";", mode_size, mode->fastest.n > 0 ? " at " : "");
    else
      g_string_append (text, ", ");
    append_framerate (text, mode);
    format = get_format_name (mode);
    g_free (size);
    size = g_steal_pointer (&mode_size);
  }
  if (modes->len > 0)
    g_string_append_c (text, '\n');
}

static void
append_camera (GString *text, const PhFoundCamera *camera)
{
  g_string_append_printf (text, "  %s: %s", camera->source_type, camera->id);
  if (camera->name != NULL)
    g_string_append_printf (text, "  %s", camera->name);
  if (camera->bus != NULL)
    g_string_append_printf (text, " (%s)", camera->bus);
  g_string_append_c (text, '\n');
  if (camera->fault != NULL)
    g_string_append_printf (text, "    %s\n", camera->fault);
  if (camera->stable_id != NULL)
    g_string_append_printf (text, "    also %s, which stays the same\n", camera->stable_id);
  append_modes (text, camera->modes);
}

char *
ph_devices_to_text (const PhDevices *self)
{
  GString *text = g_string_new ("Cameras\n");

  for (guint i = 0; i < self->cameras->len; i++)
    append_camera (text, g_ptr_array_index (self->cameras, i));
  if (self->cameras->len == 0)
    g_string_append (text, NO_CAMERAS);
  g_string_append (text, "H.264 encoders, in the order they are tried\n");
  for (guint i = 0; i < self->encoders->len; i++) {
    const PhTriedEncoder *encoder = g_ptr_array_index (self->encoders, i);

    g_string_append_printf (text, "  %-13s %s%s\n", encoder->factory,
        encoder->fault != NULL ? encoder->fault : "works", encoder->is_chosen ? ", taken" : "");
  }
  return g_string_free (text, FALSE);
}

static void
add_string (JsonBuilder *json, const char *name, const char *value)
{
  json_builder_set_member_name (json, name);
  if (value != NULL)
    json_builder_add_string_value (json, value);
  else
    json_builder_add_null_value (json);
}

static void
add_numbers (JsonBuilder *json, const char *name, double min, double max)
{
  json_builder_set_member_name (json, name);
  json_builder_begin_array (json);
  json_builder_add_double_value (json, min);
  json_builder_add_double_value (json, max);
  json_builder_end_array (json);
}

/* Sizes and rates as [least, most]. */
static void
add_mode (JsonBuilder *json, const PhCameraMode *mode)
{
  json_builder_begin_object (json);
  add_string (json, "format",
      mode->media == PH_MEDIA_H264   ? "h264"
      : mode->media == PH_MEDIA_JPEG ? "mjpeg"
                                     : "raw");
  add_string (json, "pixel_format", mode->format);
  add_numbers (json, "width", mode->width.min, mode->width.max);
  add_numbers (json, "height", mode->height.min, mode->height.max);
  if (mode->fastest.n > 0)
    add_numbers (json, "framerate", ph_framerate_to_double (mode->slowest),
        ph_framerate_to_double (mode->fastest));
  json_builder_end_object (json);
}

static void
add_camera (JsonBuilder *json, const PhFoundCamera *camera)
{
  json_builder_begin_object (json);
  add_string (json, "type", camera->source_type);
  add_string (json, "id", camera->id);
  add_string (json, "stable_id", camera->stable_id);
  add_string (json, "name", camera->name);
  add_string (json, "bus", camera->bus);
  add_string (json, "error", camera->fault);
  json_builder_set_member_name (json, "modes");
  json_builder_begin_array (json);
  for (guint i = 0; i < camera->modes->len; i++)
    add_mode (json, &g_array_index (camera->modes, PhCameraMode, i));
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static void
add_encoder (JsonBuilder *json, const PhTriedEncoder *encoder)
{
  json_builder_begin_object (json);
  add_string (json, "factory", encoder->factory);
  json_builder_set_member_name (json, "works");
  json_builder_add_boolean_value (json, encoder->fault == NULL);
  add_string (json, "error", encoder->fault);
  json_builder_set_member_name (json, "chosen");
  json_builder_add_boolean_value (json, encoder->is_chosen);
  json_builder_end_object (json);
}

char *
ph_devices_to_json (const PhDevices *self)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (json);
  json_builder_set_member_name (json, "cameras");
  json_builder_begin_array (json);
  for (guint i = 0; i < self->cameras->len; i++)
    add_camera (json, g_ptr_array_index (self->cameras, i));
  json_builder_end_array (json);
  json_builder_set_member_name (json, "encoders");
  json_builder_begin_array (json);
  for (guint i = 0; i < self->encoders->len; i++)
    add_encoder (json, g_ptr_array_index (self->encoders, i));
  json_builder_end_array (json);
  json_builder_end_object (json);
  root = json_builder_get_root (json);
  text = json_to_string (root, TRUE);
  return g_strconcat (text, "\n", NULL);
}
