/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A GStreamer plugin with a camera, hangingsrc, whose driver hangs when told: while the file at
 * location says "open" it does not come back from being opened, while it says "close" not from
 * being closed. Its pictures are videotestsrc's. */
#include <gst/gst.h>

#define LOOK_AGAIN_US 20000

typedef struct {
  GstBin parent;
  char *location;
} HangingSource;

typedef struct {
  GstBinClass parent_class;
} HangingSourceClass;

GType hanging_source_get_type (void);
G_DEFINE_TYPE (HangingSource, hanging_source, GST_TYPE_BIN)

enum { PROPERTY_LOCATION = 1 };

static void
hang_while_told (HangingSource *self, const char *word)
{
  for (;;) {
    g_autofree char *told = NULL;

    if (!g_file_get_contents (self->location, &told, NULL, NULL) || !g_str_equal (told, word))
      return;
    g_usleep (LOOK_AGAIN_US);
  }
}

static GstStateChangeReturn
change_state (GstElement *element, GstStateChange change)
{
  HangingSource *self = (HangingSource *)element;

  if (change == GST_STATE_CHANGE_NULL_TO_READY)
    hang_while_told (self, "open");
  if (change == GST_STATE_CHANGE_READY_TO_NULL)
    hang_while_told (self, "close");
  return GST_ELEMENT_CLASS (hanging_source_parent_class)->change_state (element, change);
}

static void
hanging_source_init (HangingSource *self)
{
  GstElement *source = gst_element_factory_make ("videotestsrc", NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (source, "src");

  g_object_set (source, "is-live", TRUE, NULL);
  gst_bin_add (GST_BIN (self), source);
  gst_element_add_pad (GST_ELEMENT (self), gst_ghost_pad_new ("src", pad));
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HangingSource *self = (HangingSource *)object;

  g_free (self->location);
  self->location = g_value_dup_string (value);
}

static void
finalize (GObject *object)
{
  g_free (((HangingSource *)object)->location);
  G_OBJECT_CLASS (hanging_source_parent_class)->finalize (object);
}

static void
hanging_source_class_init (HangingSourceClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GstElementClass *element_class = GST_ELEMENT_CLASS (class);

  object_class->set_property = set_property;
  object_class->finalize = finalize;
  element_class->change_state = change_state;
  g_object_class_install_property (object_class, PROPERTY_LOCATION,
      g_param_spec_string ("location", NULL, NULL, NULL, G_PARAM_WRITABLE));
  gst_element_class_set_static_metadata (element_class, "Hanging source", "Source/Video",
      "A camera whose driver hangs when it is told to", "Porthole");
}

static gboolean
plugin_init (GstPlugin *plugin)
{
  return gst_element_register (plugin, "hangingsrc", GST_RANK_NONE, hanging_source_get_type ());
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, hangingsource,
    "A camera whose driver hangs when told", plugin_init, "1.0", "LGPL", "Porthole",
    "https://gstreamer.freedesktop.org/")
