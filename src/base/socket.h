/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What GSocket lacks. Any thread. */
#pragma once

#include <gio/gio.h>

/* Ends a TCP connection at once, whoever reads or writes it meanwhile. A shutdown would not do:
 * Linux goes on to take what the peer sends, so that it is read as long as it comes. */
void ph_socket_reset_any (GSocket *socket);
