/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Camera files that a list of cameras names. */
#pragma once

#include "base/reader.h"

/* Reads the camera files that pattern names, in the order of their names, and appends a
 * PhCameraConfig for each. A pattern may match nothing; a plain name must exist. A file that was
 * read before is left out, so "front.json", "*.json" puts the front camera first. */
void ph_camera_file_expand (PhReader *reader, const char *pattern, GPtrArray *cameras);
