/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of /api/v1/remote. Main thread. */
#pragma once

#include "remote/port-mapping.h"
#include "remote/public-address.h"

#include <json-glib/json-glib.h>

/* Each adds one member to the object that is open in builder. */
void ph_remote_json_add_address (JsonBuilder *builder, PhPublicAddress *address, PhRouter *router);
void ph_remote_json_add_mapping (JsonBuilder *builder, PhPortMapping *mapping);
