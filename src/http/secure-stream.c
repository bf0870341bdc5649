/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "http/secure-stream.h"

#define PH_TYPE_SECURE_STREAM (ph_secure_stream_get_type ())
G_DECLARE_FINAL_TYPE (PhSecureStream, ph_secure_stream, PH, SECURE_STREAM, GTlsConnection)

struct _PhSecureStream {
  GTlsConnection parent_instance;
  GTlsConnection *base;
  GInputStream *input;
};

G_DEFINE_FINAL_TYPE (PhSecureStream, ph_secure_stream, G_TYPE_TLS_CONNECTION)

/* GTlsConnection gives these their first values, and leaves it to its heirs to keep them. */
static const char *const properties[] = { "base-io-stream", "require-close-notify",
  "rehandshake-mode", "use-system-certdb" };

static void
ph_secure_stream_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
}

/* GObject wants it of who has properties that can be read. */
static void
ph_secure_stream_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  PhSecureStream *self = (PhSecureStream *)object;

  if (self->base != NULL)
    g_object_get_property (G_OBJECT (self->base), spec->name, value);
}

static GInputStream *
ph_secure_stream_get_input_stream (GIOStream *stream)
{
  return ((PhSecureStream *)stream)->input;
}

static GOutputStream *
ph_secure_stream_get_output_stream (GIOStream *stream)
{
  return g_io_stream_get_output_stream (G_IO_STREAM (((PhSecureStream *)stream)->base));
}

static gboolean
ph_secure_stream_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  return g_input_stream_close (((PhSecureStream *)stream)->input, cancellable, error);
}

static void
ph_secure_stream_finalize (GObject *object)
{
  PhSecureStream *self = (PhSecureStream *)object;

  G_OBJECT_CLASS (ph_secure_stream_parent_class)->finalize (object);
  g_clear_object (&self->input);
  g_clear_object (&self->base);
}

static void
ph_secure_stream_init (PhSecureStream *self)
{
}

static void
ph_secure_stream_class_init (PhSecureStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  object_class->finalize = ph_secure_stream_finalize;
  object_class->get_property = ph_secure_stream_get_property;
  object_class->set_property = ph_secure_stream_set_property;
  stream_class->get_input_stream = ph_secure_stream_get_input_stream;
  stream_class->get_output_stream = ph_secure_stream_get_output_stream;
  stream_class->close_fn = ph_secure_stream_close;
  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    g_object_class_override_property (object_class, i + 1, properties[i]);
}

GIOStream *
ph_secure_stream_new (GTlsConnection *base, GInputStream *input)
{
  PhSecureStream *self = g_object_new (PH_TYPE_SECURE_STREAM, NULL);

  self->base = g_object_ref (base);
  self->input = g_object_ref (input);
  return G_IO_STREAM (self);
}
