/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <gio/gio.h>
#include <sysexits.h>

G_DEFINE_QUARK (ph - error - quark, ph_error)

static int
code_to_exit_status (PhErrorCode code)
{
  switch (code) {
  case PH_ERROR_USAGE:
    return EX_USAGE;
  case PH_ERROR_SETTINGS:
    return EX_CONFIG;
  case PH_ERROR_NOT_FOUND:
    return EX_NOINPUT;
  case PH_ERROR_UNAVAILABLE:
  case PH_ERROR_UNSUPPORTED:
    return EX_UNAVAILABLE;
  case PH_ERROR_FAILED:
    return EX_SOFTWARE;
  }
  return EX_SOFTWARE;
}

int
ph_error_to_exit_status (const GError *error)
{
  if (error == NULL)
    return EX_OK;
  if (error->domain == PH_ERROR)
    return code_to_exit_status ((PhErrorCode)error->code);
  if (error->domain == G_OPTION_ERROR)
    return EX_USAGE;
  if (error->domain == G_IO_ERROR)
    return error->code == G_IO_ERROR_ADDRESS_IN_USE ? EX_UNAVAILABLE : EX_OSERR;
  return EX_SOFTWARE;
}
