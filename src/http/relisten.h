/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libsoup listens no more on a socket once it could not accept on it, as happens when no descriptor
 * is left. This notices it, by somebody who is not let in, and listens again. Main thread. */
#pragma once

#include <libsoup/soup.h>

typedef struct _PhRelisten PhRelisten;

/* soup must outlive it. socket was given to soup_server_listen_socket() with options. */
PhRelisten *ph_relisten_new (SoupServer *soup, GSocket *socket, SoupServerListenOptions options);
void ph_relisten_free (PhRelisten *self);
