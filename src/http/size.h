/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How large a request may be: its headers (RFC 6585, section 5) and its body (RFC 9110, section
 * 15.5.14). What is too large is answered, unless that takes reading without end. Main thread. */
#pragma once

#include <libsoup/soup.h>

/* To be called when a request starts to come. */
void ph_http_size_watch (SoupServerMessage *message);
