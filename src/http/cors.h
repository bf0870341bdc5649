/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which other sites' pages may read what is served (CORS, fetch.spec.whatwg.org): those that the
 * settings list, and they may only read. Main thread. */
#pragma once

#include <libsoup/soup.h>

/* Sets the headers of every answer. origins end with NULL; "*" among them is any site, whose
 * requests then come without credentials. */
void ph_cors_allow (SoupServerMessage *message, const char *const *origins);

/* A browser's question before a request that no form could send: it has no credentials, so it is
 * answered before anybody is asked who it is. FALSE: it is no such question, or of no such site. */
gboolean ph_cors_try_answer (SoupServerMessage *message, const char *const *origins);
