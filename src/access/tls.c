/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/tls.h"

#include "access/certificate.h"
#include "base/secret-file.h"
#include "base/state.h"

#include <string.h>

#define OWN_FILE "self-signed.pem"
#define RENEW_DAYS 30
#define WARN_DAYS 14
/* Who renews a certificate writes two files, one after the other. */
#define SETTLE_MS 300
/* For folders that change in ways of which no file monitor hears, and for our own renewal. */
#define LOOK_SECONDS 3600

struct _PhTls {
  GObject parent_instance;
  char *certificate_file;
  char *key_file;
  char *state_folder;
  char **names;
  gboolean is_self_signed;

  GTlsCertificate *certificate;
  char *fingerprint;
  int warned_days; /* left when the log last said so */

  GFileMonitor *monitors[2];
  guint settle_source;
  guint look_source;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (PhTls, ph_tls, G_TYPE_OBJECT)

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static GTlsCertificate *
make_own (PhTls *self, GError **error)
{
  char *pem = ph_certificate_make_self_signed ((const char *const *)self->names, get_now (), error);
  GTlsCertificate *made = NULL;

  if (pem != NULL && ph_state_write (self->state_folder, OWN_FILE, pem, strlen (pem), error))
    made = ph_certificate_load (self->certificate_file, self->key_file, error);
  ph_secret_free (pem);
  return made;
}

/* One that cannot be read is not replaced: it may be pinned, and its owner can mend it. */
static GTlsCertificate *
load_or_make_own (PhTls *self, GError **error)
{
  g_autoptr (GTlsCertificate) kept = NULL;

  if (!g_file_test (self->certificate_file, G_FILE_TEST_EXISTS))
    return make_own (self, error);
  kept = ph_certificate_load (self->certificate_file, self->key_file, error);
  if (kept != NULL && ph_certificate_get_days_left (kept, get_now ()) < RENEW_DAYS)
    return make_own (self, error);
  return g_steal_pointer (&kept);
}

static gboolean
load (PhTls *self, GError **error)
{
  g_autoptr (GTlsCertificate) loaded =
      self->is_self_signed ? load_or_make_own (self, error)
                           : ph_certificate_load (self->certificate_file, self->key_file, error);

  if (loaded == NULL)
    return FALSE;
  g_set_object (&self->certificate, loaded);
  g_free (self->fingerprint);
  self->fingerprint = ph_certificate_make_fingerprint (loaded);
  return TRUE;
}

static void
maybe_warn (PhTls *self)
{
  int days_left = ph_tls_get_days_left (self);

  if (days_left >= WARN_DAYS || days_left == self->warned_days)
    return;
  self->warned_days = days_left;
  if (days_left < 0)
    g_warning ("the certificate in %s has ended", self->certificate_file);
  else
    g_warning ("the certificate in %s ends in %d %s", self->certificate_file, days_left,
        days_left == 1 ? "day" : "days");
}

void
ph_tls_reload (PhTls *self)
{
  g_autofree char *before = g_strdup (self->fingerprint);
  g_autoptr (GError) error = NULL;

  if (!load (self, &error)) {
    g_warning ("the certificate in use stays in use: %s", error->message);
    return;
  }
  maybe_warn (self);
  if (strcmp (before, self->fingerprint) == 0)
    return;
  g_message ("there is a new certificate, fingerprint %s", self->fingerprint);
  g_signal_emit (self, changed_signal, 0);
}

static gboolean
on_settled (gpointer user_data)
{
  PhTls *self = user_data;

  self->settle_source = 0;
  ph_tls_reload (self);
  return G_SOURCE_REMOVE;
}

static void
on_file_changed (
    GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer user_data)
{
  PhTls *self = user_data;

  if (event == G_FILE_MONITOR_EVENT_DELETED || self->settle_source != 0)
    return;
  self->settle_source = g_timeout_add (SETTLE_MS, on_settled, self);
}

static gboolean
on_time_to_look (gpointer user_data)
{
  ph_tls_reload (user_data);
  return G_SOURCE_CONTINUE;
}

static void
watch (PhTls *self)
{
  const char *const files[] = { self->certificate_file, self->key_file };

  for (gsize i = 0; i < G_N_ELEMENTS (files) && !self->is_self_signed; i++) {
    g_autoptr (GFile) file = g_file_new_for_path (files[i]);

    self->monitors[i] = g_file_monitor_file (file, G_FILE_MONITOR_NONE, NULL, NULL);
    if (self->monitors[i] != NULL)
      g_signal_connect_object (self->monitors[i], "changed", G_CALLBACK (on_file_changed), self, 0);
  }
  self->look_source = g_timeout_add_seconds (LOOK_SECONDS, on_time_to_look, self);
}

PhTls *
ph_tls_new (
    const PhTlsConfig *config, const char *state_folder, const char *const *names, GError **error)
{
  g_autoptr (PhTls) self = g_object_new (PH_TYPE_TLS, NULL);
  g_autofree char *own_file = g_build_filename (state_folder, OWN_FILE, NULL);

  self->is_self_signed = config->certificate == NULL;
  self->certificate_file = g_strdup (self->is_self_signed ? own_file : config->certificate);
  self->key_file = g_strdup (self->is_self_signed ? own_file : config->key);
  self->state_folder = g_strdup (state_folder);
  self->names = g_strdupv ((char **)names);
  self->warned_days = WARN_DAYS;
  if (!load (self, error))
    return NULL;
  maybe_warn (self);
  watch (self);
  return g_steal_pointer (&self);
}

GTlsCertificate *
ph_tls_get_certificate (PhTls *self)
{
  return self->certificate;
}

const char *
ph_tls_get_fingerprint (PhTls *self)
{
  return self->fingerprint;
}

gboolean
ph_tls_is_self_signed (PhTls *self)
{
  return self->is_self_signed;
}

gboolean
ph_tls_has_files_of (PhTls *self, const PhTlsConfig *config)
{
  if (config->certificate == NULL)
    return self->is_self_signed;
  return g_str_equal (self->certificate_file, config->certificate) &&
         g_str_equal (self->key_file, config->key);
}

int
ph_tls_get_days_left (PhTls *self)
{
  return ph_certificate_get_days_left (self->certificate, get_now ());
}

static void
ph_tls_dispose (GObject *object)
{
  PhTls *self = PH_TLS (object);

  g_clear_handle_id (&self->settle_source, g_source_remove);
  g_clear_handle_id (&self->look_source, g_source_remove);
  for (gsize i = 0; i < G_N_ELEMENTS (self->monitors); i++)
    g_clear_object (&self->monitors[i]);
  G_OBJECT_CLASS (ph_tls_parent_class)->dispose (object);
}

static void
ph_tls_finalize (GObject *object)
{
  PhTls *self = PH_TLS (object);

  g_clear_object (&self->certificate);
  g_free (self->fingerprint);
  g_free (self->certificate_file);
  g_free (self->key_file);
  g_free (self->state_folder);
  g_strfreev (self->names);
  G_OBJECT_CLASS (ph_tls_parent_class)->finalize (object);
}

static void
ph_tls_class_init (PhTlsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_tls_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_tls_finalize;
  changed_signal =
      g_signal_new ("changed", PH_TYPE_TLS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ph_tls_init (PhTls *self)
{
}
