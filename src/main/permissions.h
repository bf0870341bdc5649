/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What "porthole check --access" prints: who may do what, of the tables that RTSP and HTTP go by.
 */
#pragma once

void ph_permissions_print (void);
