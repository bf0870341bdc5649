/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Closes what v4l2src leaves open. It forgets a reference on its buffer pool whenever it stops
 * (seen in GStreamer 1.22), and the pool holds a descriptor of the device: a camera nobody looks at
 * would stay open, and one that is plugged in again would get another number. */
#pragma once

#include <gst/gst.h>

typedef struct _PhV4l2Pool PhV4l2Pool;

/* Main thread, before the pipeline runs. NULL when source is no v4l2src. */
PhV4l2Pool *ph_v4l2_pool_new (GstElement *source);

/* Main thread, once the source is in state NULL and freed. Nobody may hold a buffer of it then: raw
 * pictures do not leave the pipeline, and coded ones leave it as copies. */
void ph_v4l2_pool_free (PhV4l2Pool *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhV4l2Pool, ph_v4l2_pool_free)
