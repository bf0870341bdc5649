/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps GUPnP's HTTP within bounds, which it has none of itself. Main thread. */
#pragma once

#include <libsoup/soup.h>

/* From now on no message of session follows a redirect, and all of them end when an answer grows
 * over max_bytes. Lives as long as session. */
void ph_igd_session_limit (SoupSession *session, gsize max_bytes);
/* From now on connections come from self, an address of this machine. Lives as long as session. */
void ph_igd_session_bind (SoupSession *session, GInetAddress *self);
