/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of links as a file: JSON, an array of objects. Any thread. */
#pragma once

#include "access/links.h"

/* Adds what bytes hold to links (id, owned by the link -> PhLink). FALSE: they hold something else;
 * then nothing is added. */
gboolean ph_link_list_parse (GBytes *bytes, GHashTable *links);
/* Free with g_free. */
char *ph_link_list_print (GHashTable *links);

void ph_link_free (gpointer link);
