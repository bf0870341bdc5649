/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Logging in and out with a browser: the page with the form (login.html of the resources, see
 * http/page.h), and what it sends. Works without scripts. Main thread. */
#pragma once

#include "http/access-guard.h"
#include "http/request.h"

typedef struct _PhLogin PhLogin;

PhLogin *ph_login_new (void);
void ph_login_free (PhLogin *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhLogin, ph_login_free)

/* access is kept, not copied; without it there is nobody to log in. */
void ph_login_set_access (PhLogin *self, PhAccessGuard *access);

/* user_data is the PhLogin. ?to=NAME leads on to a camera's page. */
void ph_login_handle_page (PhRequest *request, gpointer user_data);
/* A form (application/x-www-form-urlencoded) with name and password. */
void ph_login_handle_form (PhRequest *request, gpointer user_data);
void ph_login_handle_log_out (PhRequest *request, gpointer user_data);
/* {"user": NAME or null, "log_in": whether one could, "log_out": whether there is a session,
 * "admin": whether everything is allowed, "saving": whether the smallest streams alone are offered,
 * "anonymous": whether nobody need log in} */
void ph_login_handle_session (PhRequest *request, gpointer user_data);
