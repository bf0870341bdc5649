/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a multivariant playlist says of one stream of a camera (RFC 8216, 4.3.4.2): as it was
 * measured, or until something was, as it is planned. Main thread. */
#pragma once

#include "http/hls-playlist.h"
#include "http/hls-stream.h"

/* Sets all but the uri. stream is that of feed, an H.264 one of camera; codecs, nullable, is owned
 * by it, until the main loop runs again. */
void ph_hls_variant_describe (
    PhHlsVariant *variant, PhCamera *camera, PhFeed *feed, PhHlsStream *stream);
