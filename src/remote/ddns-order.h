/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How "porthole ddns --now NAME" tells the Porthole that runs: by an empty file in the folder of
 * its state, which only its own user may write. Main thread. */
#pragma once

#include <glib.h>

/* hostname is as it was written there: any text a file name can hold. */
typedef void (*PhDdnsOrderFunc) (const char *hostname, gpointer user_data);

typedef struct _PhDdnsOrders PhDdnsOrders;

/* Calls func for each order left in folder, also for those from before. NULL, with a warning, when
 * folder cannot be watched. */
PhDdnsOrders *ph_ddns_orders_new (const char *folder, PhDdnsOrderFunc func, gpointer user_data);
void ph_ddns_orders_free (PhDdnsOrders *self);

/* Leaves an order; the file's name, to free with g_free: it is gone once the order was taken. NULL
 * with PH_ERROR_UNAVAILABLE. Blocks on the disk. */
char *ph_ddns_order_leave (const char *folder, const char *hostname, GError **error);
