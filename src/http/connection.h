/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One connection to the HTTP server, from its accept to its end: counted, and given up when a
 * request takes too long to come, its peer takes nothing, or nothing is asked any more. libsoup
 * keeps all of these as long as the peer likes. Main thread. */
#pragma once

#include "access/gate.h"
#include "http/repetition.h"

/* Hands a connection that was accepted to soup, by TLS if there is a certificate; one that cannot
 * be had by TLS then is closed. gate, nullable, is whose limits hold; it must outlive all
 * connections. */
void ph_http_connection_accept (
    GSocket *socket, GTlsCertificate *certificate, SoupServer *soup, PhGate *gate);

/* Of "request-started", which libsoup emits first when the connection is accepted, before anything
 * has come, and then for each request. Answers message itself, with 503 or 429, when there are too
 * many. */
void ph_http_connection_begin (SoupServerMessage *message);

/* NULL: it is over. Owned by the connection. */
GSocket *ph_http_connection_get_socket (SoupServerMessage *message);
/* Whether another request may come by it after the one of message, whose headers are read. With
 * libsoup before 3.3.0 that is so only if the end of the connection would be noticed. */
gboolean ph_http_connection_may_be_kept (SoupServerMessage *message);

/* As ph_repetition_new(), after request was answered in its handler: its repetitions are answered
 * by source from now on, as long as the connection lasts. */
void ph_http_connection_offer_repetition (
    PhRequest *request, gboolean is_file, const PhRepetitionSource *source);
