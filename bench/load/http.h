/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the viewers over HTTP share: the request, and the answer's head. */
#pragma once

#include "load/viewer.h"

typedef struct {
  LoadViewer base;
  gboolean has_head; /* of the answer */
  char *challenge; /* the head of the 401 that was answered; NULL: nobody asked who it is */
} LoadHttp;

void load_http_clear (LoadHttp *self);

/* version: "1.0" for an answer that has no end, so that it comes without chunks. */
void load_http_ask (LoadHttp *self, const char *version);

/* Takes the head and checks it; *head is a copy, or NULL when it is not whole or is no 200. Returns
 * the bytes used up. To a 401 the same is asked by a new connection, with a login. */
gsize load_http_take_head (LoadHttp *self, const guint8 *data, gsize size, char **head);
