/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The web page: files compiled into the program as resources below /org/porthole/web/, of which
 * index.html answers "/", camera.html "/NAME/", login.html "/login" and the rest "/assets/…".
 * Nothing here is a secret: what the page shows it asks of the API. Main thread. */
#pragma once

#include "http/request.h"

typedef struct _PhPage PhPage;

PhPage *ph_page_new (void);
void ph_page_free (PhPage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhPage, ph_page_free)

/* The log-in page with a sentence above its form, or with "". */
void ph_page_reply_log_in (SoupServerMessage *message, guint status, const char *sentence);

/* user_data is the PhPage. */
void ph_page_handle_index (PhRequest *request, gpointer user_data);
void ph_page_handle_camera (PhRequest *request, gpointer user_data);
/* "/api/v1/openapi.json": what the API is, by OpenAPI 3.1. */
void ph_page_handle_openapi (PhRequest *request, gpointer user_data);
void ph_page_handle_asset (PhRequest *request, gpointer user_data);
