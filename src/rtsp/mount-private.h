/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A mount from inside: mount.c taps the feed while somebody wants it, mount-media.c makes what
 * plays of it. */
#pragma once

#include "camera/tap.h"
#include "rtsp/mount.h"

#include <gst/app/app.h>

struct _PhRtspMount {
  GstRTSPMediaFactory parent_instance;

  PhRtspMount *encrypted; /* nullable: it is itself */
  PhFeed *feed;
  PhRtspUdpMeter *udp_meter;
  char *label;
  PhMailbox *to_main;
  PhMailbox *to_rtsp;

  int n_holds; /* atomic */
  int n_threads; /* atomic: that may send for a media to come */
  int is_in_main_mailbox; /* atomic boolean */
  int is_in_rtsp_mailbox; /* atomic boolean */
  int is_closed; /* atomic boolean */

  /* main thread */
  PhTap *tap; /* nullable */
  gboolean is_dark;

  /* any thread, under lock; appsrc never blocks, so it may be given to under it */
  struct {
    GMutex lock;
    GstSample *keyframe; /* the newest; NULL before the first */
    PhRtspMountState state;
    GstAppSrc *appsrc; /* of the media there is now; nullable */
    GstCaps *caps; /* appsrc's; nullable */
    GstClockTime base_time; /* feed time at which the media's running time is 0 */
    gboolean is_flowing;
    gboolean waits_for_keyframe;
  } shared;
};

/* From the initialisation of the class: what makes its medias. */
void ph_rtsp_mount_make_medias (GstRTSPMediaFactoryClass *klass);

/* Under the lock, while there is a media. sample goes into it, with time as it is there. FALSE: it
 * is full. */
gboolean ph_rtsp_mount_give_to_media_any (PhRtspMount *self, GstSample *sample);
