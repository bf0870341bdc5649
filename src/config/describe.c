/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/man-table.h"
#include "base/schema.h"
#include "config/config.h"
#include "config/tables.h"

char *
ph_config_make_schema (void)
{
  return ph_schema_make (&ph_settings_table);
}

char *
ph_config_make_camera_schema (void)
{
  return ph_schema_make (&ph_camera_table);
}

char *
ph_config_make_man_tables (void)
{
  return ph_man_table_make (&ph_settings_table);
}
