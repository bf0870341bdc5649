/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one error domain. A code exists only where somebody branches on it. Messages are sentences
 * without a full stop that a user can act on. Any thread. */
#pragma once

#include <glib.h>

#define PH_ERROR (ph_error_quark ())
GQuark ph_error_quark (void);

typedef enum {
  PH_ERROR_FAILED, /* anything else */
  PH_ERROR_USAGE, /* a wrong command line */
  PH_ERROR_SETTINGS, /* a settings file that cannot be used */
  PH_ERROR_NOT_FOUND, /* no such camera, stream, device */
  PH_ERROR_UNAVAILABLE, /* there is none now, or it is held by somebody else; may work later */
  PH_ERROR_UNSUPPORTED /* this machine lacks what it takes (an element, a codec) */
} PhErrorCode;

/* The sysexits.h status for error; 0 for NULL. */
int ph_error_to_exit_status (const GError *error);
