/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells when it is worth to try a lost source again at once: a camera was plugged in, a file is
 * there. Main thread. */
#pragma once

#include "config/camera-config.h"

typedef struct _PhSourceWatch PhSourceWatch;

/* May be called several times; the watch may be freed in it. */
typedef void (*PhSourceWatchFunc) (gpointer user_data);

/* NULL: there is nothing to watch for a source of this type, or no way to. */
PhSourceWatch *ph_source_watch_new (
    const PhSourceConfig *source, PhSourceWatchFunc came, gpointer user_data);
void ph_source_watch_free (PhSourceWatch *self);
