/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <gio/gio.h>
#include <sysexits.h>

static void
every_error_has_a_sysexits_status (void)
{
  static const struct {
    GQuark (*domain) (void);
    int code, status;
  } rows[] = {
    { ph_error_quark, PH_ERROR_FAILED, EX_SOFTWARE },
    { ph_error_quark, PH_ERROR_USAGE, EX_USAGE },
    { ph_error_quark, PH_ERROR_SETTINGS, EX_CONFIG },
    { ph_error_quark, PH_ERROR_NOT_FOUND, EX_NOINPUT },
    { ph_error_quark, PH_ERROR_UNAVAILABLE, EX_UNAVAILABLE },
    { g_option_error_quark, G_OPTION_ERROR_UNKNOWN_OPTION, EX_USAGE },
    { g_io_error_quark, G_IO_ERROR_ADDRESS_IN_USE, EX_UNAVAILABLE },
  };

  g_assert_cmpint (ph_error_to_exit_status (NULL), ==, EX_OK);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = g_error_new_literal (rows[i].domain (), rows[i].code, "x");

    g_assert_cmpint (ph_error_to_exit_status (error), ==, rows[i].status);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/error/exit-status", every_error_has_a_sysexits_status);
  return g_test_run ();
}
