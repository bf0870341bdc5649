/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A GStreamer plugin with an H.264 encoder that breaks when told: it has the name and the
 * properties of one that drives hardware (vah264lpenc), and x264enc inside. While the file that
 * FAULTY_ENCODER names says "error" it fails with every picture; while it says "stall" pictures go
 * in and nothing comes out. */
#include <gst/gst.h>

typedef struct {
  GstBin parent;
} FaultyEncoder;

typedef struct {
  GstBinClass parent_class;
} FaultyEncoderClass;

GType faulty_encoder_get_type (void);
G_DEFINE_TYPE (FaultyEncoder, faulty_encoder, GST_TYPE_BIN)

enum { PROPERTY_BITRATE = 1, PROPERTY_KEY_INT_MAX, PROPERTY_RATE_CONTROL, PROPERTY_B_FRAMES };

static gboolean
is_told_to (const char *fault)
{
  const char *path = g_getenv ("FAULTY_ENCODER");
  g_autofree char *told = NULL;

  return path != NULL && g_file_get_contents (path, &told, NULL, NULL) && g_str_equal (told, fault);
}

static GstPadProbeReturn
maybe_break_on_stream (GstPad *pad, GstPadProbeInfo *info, gpointer self)
{
  if (is_told_to ("stall"))
    return GST_PAD_PROBE_DROP;
  if (!is_told_to ("error"))
    return GST_PAD_PROBE_OK;
  GST_ELEMENT_ERROR (self, STREAM, ENCODE, ("the driver has lost its device"), (NULL));
  return GST_PAD_PROBE_DROP;
}

static void
add_ghost_pad (FaultyEncoder *self, GstElement *encoder, const char *name)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (encoder, name);
  g_autoptr (GstPadTemplate) template =
      gst_pad_template_new (name, gst_pad_get_direction (pad), GST_PAD_ALWAYS, GST_CAPS_ANY);

  gst_element_add_pad (GST_ELEMENT (self), gst_ghost_pad_new_from_template (name, pad, template));
}

static void
faulty_encoder_init (FaultyEncoder *self)
{
  GstElement *encoder = gst_element_factory_make ("x264enc", NULL);
  g_autoptr (GstPad) sink = gst_element_get_static_pad (encoder, "sink");

  gst_util_set_object_arg (G_OBJECT (encoder), "tune", "zerolatency");
  gst_util_set_object_arg (G_OBJECT (encoder), "speed-preset", "ultrafast");
  gst_bin_add (GST_BIN (self), encoder);
  add_ghost_pad (self, encoder, "sink");
  add_ghost_pad (self, encoder, "src");
  gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_BUFFER, maybe_break_on_stream, self, NULL);
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
}

static void
install (GObjectClass *class, guint id, GParamSpec *spec)
{
  g_object_class_install_property (class, id, spec);
}

static void
faulty_encoder_class_init (FaultyEncoderClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);
  static const GParamFlags flags = G_PARAM_WRITABLE;

  object_class->set_property = set_property;
  install (object_class, PROPERTY_BITRATE,
      g_param_spec_uint ("bitrate", NULL, NULL, 0, G_MAXUINT, 0, flags));
  install (object_class, PROPERTY_KEY_INT_MAX,
      g_param_spec_uint ("key-int-max", NULL, NULL, 0, G_MAXUINT, 0, flags));
  install (object_class, PROPERTY_RATE_CONTROL,
      g_param_spec_string ("rate-control", NULL, NULL, NULL, flags));
  install (object_class, PROPERTY_B_FRAMES,
      g_param_spec_uint ("b-frames", NULL, NULL, 0, G_MAXUINT, 0, flags));
  gst_element_class_set_static_metadata (element_class, "Faulty encoder", "Codec/Encoder/Video",
      "Encodes H.264 until it is told to break", "Porthole");
  gst_element_class_add_pad_template (
      element_class, gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_CAPS_ANY));
  gst_element_class_add_pad_template (
      element_class, gst_pad_template_new ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_CAPS_ANY));
}

static gboolean
plugin_init (GstPlugin *plugin)
{
  return gst_element_register (plugin, "vah264lpenc", GST_RANK_NONE, faulty_encoder_get_type ());
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, faultyencoder,
    "An encoder that breaks when told", plugin_init, "1.0", "LGPL", "Porthole",
    "https://gstreamer.freedesktop.org/")
