/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GStreamer's errors as sentences that a person can act on. Any thread. */
#pragma once

#include "config/camera-config.h"

/* error as posted on the bus; the sentence has no full stop and no secret in it. Free with g_free.
 */
char *ph_explain_error (const PhSourceConfig *source, const GError *error);
