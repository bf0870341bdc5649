/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /api/v1/viewers: who watches what, by whatever protocol. Main thread. */
#pragma once

#include "http/request.h"

/* Adds one object. */
void ph_viewer_json_add (JsonBuilder *builder, const PhViewerInfo *info);

/* PhRouteHandlers; user_data is the PhViewers. */
void ph_viewer_api_handle_list (PhRequest *request, gpointer user_data);
void ph_viewer_api_handle_end (PhRequest *request, gpointer user_data);
