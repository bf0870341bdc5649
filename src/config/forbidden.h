/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What nobody may say over the network, however much of an admin, so that whoever learns a password
 * learns no more than pictures: pipelines, files of this machine, secrets, who may look. NULL:
 * there is nothing of that; else a sentence, free with g_free. Any thread. */
#pragma once

#include <json-glib/json-glib.h>

/* body: a camera or a patch of one. A pipeline or a file is found however deep it stands. */
char *ph_forbidden_find_in_camera (JsonNode *body);
/* body: an object, a patch of the settings. */
char *ph_forbidden_find_in_settings (JsonNode *body);
