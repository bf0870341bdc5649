/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The certificate that Porthole shows: the one of the settings, read again when its files change,
 * or else one that it makes itself and keeps. Main thread only.
 * Signal "changed" (): there is a new certificate; who serves TLS takes it for new connections and
 * leaves the others alone. */
#pragma once

#include "config/config.h"

#include <gio/gio.h>

#define PH_TYPE_TLS (ph_tls_get_type ())
G_DECLARE_FINAL_TYPE (PhTls, ph_tls, PH, TLS, GObject)

/* names: for a certificate of our own, see ph_certificate_make_self_signed. It is made anew only
 * when it is about to end: who has pinned it must not be surprised by a new address.
 * Errors: as ph_certificate_load and ph_state_write. */
PhTls *ph_tls_new (
    const PhTlsConfig *config, const char *state_folder, const char *const *names, GError **error);

/* Owned by self, until "changed". */
GTlsCertificate *ph_tls_get_certificate (PhTls *self);
/* "AB:CD:…", SHA-256; the same. */
const char *ph_tls_get_fingerprint (PhTls *self);
/* Whether it is our own, which browsers warn about. */
gboolean ph_tls_is_self_signed (PhTls *self);
/* Whether it comes from the files that config names. */
gboolean ph_tls_has_files_of (PhTls *self, const PhTlsConfig *config);
/* Negative when it has ended. */
int ph_tls_get_days_left (PhTls *self);

/* Looks at once. The files in use stay in use when the new ones cannot be; the log says why. */
void ph_tls_reload (PhTls *self);
