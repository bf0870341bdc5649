/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers the HTTP-01 challenges of certificate authorities (ACME, RFC 8555, section 8.3) from the
 * folder in which certbot, lego or acme.sh puts them. Main thread. */
#pragma once

#include "http/request.h"

typedef struct _PhAcme PhAcme;

/* webroot (nullable: there are no challenges) has .well-known/acme-challenge in it. */
PhAcme *ph_acme_new (const char *webroot);
void ph_acme_set_webroot (PhAcme *self, const char *webroot);
void ph_acme_free (PhAcme *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhAcme, ph_acme_free)

/* Such a request comes to the plain port and by the name that is to be certified, whatever names
 * are known and wherever browsers are sent. path is decoded. */
gboolean ph_acme_is_challenge_any (const char *path);

/* user_data is the PhAcme; rest of the request is the token. */
void ph_acme_handle (PhRequest *request, gpointer user_data);
