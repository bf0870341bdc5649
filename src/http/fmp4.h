/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The H.264 of one feed as fragmented MP4, made once for all who want it (HLS segments, live.mp4)
 * and only while somebody listens. Each access unit becomes one fragment, at once: nothing waits
 * for the next one. Decode times are feed time, so the streams of a camera line up and nothing goes
 * back when it is restarted. Main thread. */
#pragma once

#include "camera/feed.h"

/* An init segment (ftyp, moov) and what it says. A feed gets a new one when its parameter sets
 * change. Reference counted, immutable. */
typedef struct {
  guint generation; /* counts the init segments of this feed, from 1 */
  GBytes *bytes;
  char *codec; /* RFC 6381: "avc1.42C01F" */
  guint width, height; /* pixels */
  double framerate; /* frames/s; 0: unknown */
} PhFmp4Header;

PhFmp4Header *ph_fmp4_header_ref (PhFmp4Header *self);
void ph_fmp4_header_unref (PhFmp4Header *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhFmp4Header, ph_fmp4_header_unref)

/* One access unit (moof, mdat). Reference counted, immutable. */
typedef struct {
  PhFmp4Header *header;
  GBytes *bytes;
  GstClockTime start; /* feed time at which it is decoded */
  GstClockTime duration; /* until the next one is due, as foretold from those before */
  gboolean is_keyframe;
  gboolean is_after_gap; /* does not follow the one before in time: frames were lost, or it is the
                            first */
} PhFmp4Fragment;

PhFmp4Fragment *ph_fmp4_fragment_ref (PhFmp4Fragment *self);
void ph_fmp4_fragment_unref (PhFmp4Fragment *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhFmp4Fragment, ph_fmp4_fragment_unref)

typedef struct _PhFmp4 PhFmp4;
typedef struct _PhFmp4Listener PhFmp4Listener;

/* fragment stays the caller's. It may remove listeners, but not its own before
 * ph_fmp4_add_listener() has returned it. */
typedef void (*PhFmp4Func) (PhFmp4Fragment *fragment, gpointer user_data);

PhFmp4 *ph_fmp4_new (PhFeed *feed);
/* No listener may be left. */
void ph_fmp4_free (PhFmp4 *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhFmp4, ph_fmp4_free)

/* Taps the feed if it is the first. The kept group of pictures comes first, for a later listener
 * before this returns; every listener begins with a keyframe. */
PhFmp4Listener *ph_fmp4_add_listener (PhFmp4 *self, PhFmp4Func func, gpointer user_data);
/* Frees it. The feed is no longer tapped when it was the last one. */
void ph_fmp4_remove_listener (PhFmp4 *self, PhFmp4Listener *listener);

PhFeed *ph_fmp4_get_feed (PhFmp4 *self);
/* The newest init segment, also after the last listener left; NULL before the first. Owned by self.
 */
PhFmp4Header *ph_fmp4_get_header (PhFmp4 *self);

/* One PhFmp4 for each feed, made when it is first asked for. */
typedef struct _PhFmp4Set PhFmp4Set;

PhFmp4Set *ph_fmp4_set_new (void);
void ph_fmp4_set_free (PhFmp4Set *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhFmp4Set, ph_fmp4_set_free)

/* Owned by self. */
PhFmp4 *ph_fmp4_set_get (PhFmp4Set *self, PhFeed *feed);
/* Forgets that of feed, which may have no listener left. */
void ph_fmp4_set_drop (PhFmp4Set *self, PhFeed *feed);
