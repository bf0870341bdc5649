/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* As much of an HTTP/1.1 request as is looked at before libsoup reads it: where its head ends, and
 * what it asks for. What is not quite plain is not understood here, and left to libsoup. Pure. Any
 * thread. */
#pragma once

#include <glib.h>

/* Whether data is one request's head (RFC 9112, section 2.1) from its first byte to its last and
 * nothing else, whichever way line ends are read. */
gboolean ph_request_head_is_single_any (const char *data, gsize size);

typedef struct {
  const char *target; /* "/front/index.m3u8?stream=main"; not terminated */
  gsize target_length;
  const char *fields; /* all lines after the first, and the empty one */
  gsize fields_length;
} PhRequestHead;

/* Of a single head that begins "GET /… HTTP/1.1"; TRUE: head points into data. */
gboolean ph_request_head_read_get_any (const char *data, gsize size, PhRequestHead *head);
