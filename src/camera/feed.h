/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A feed is one encoded stream of a camera: it stamps access units with feed time, keeps the
 * current group of pictures, and hands every access unit by reference to its taps.
 *
 * Feed time is the system clock (GstSystemClock, CLOCK_MONOTONIC, nanoseconds) at which the picture
 * was due: running time + base time of the pipeline it came from. It is what every sample handed to
 * a tap carries as PTS and DTS. DTS only ever grows, also when the camera's pipeline is restarted.
 *
 * While the camera is lost a placeholder may stand in for it. Which of the two is taken is decided
 * here, under the lock they both push under, so that they never mix.
 *
 * Reference counted. */
#pragma once

#include "camera/tap.h"
#include "camera/traffic.h"
#include "config/camera-config.h"

#include <gst/gst.h>

typedef struct _PhFeed PhFeed;

/* What the feed asks of its owner. Both run in the main thread. */
typedef struct {
  /* The first tap came (TRUE) or the last one left (FALSE). */
  void (*demand_changed) (PhFeed *feed, gboolean is_wanted, gpointer owner);
  gpointer owner;
} PhFeedOwner;

typedef struct {
  guint64 n_units; /* access units since the feed was made */
  guint64 n_keyframes; /* of these */
  guint64 n_forced; /* keyframes that were asked for */
  guint64 n_bytes;
  guint64 n_dropped; /* access units that taps refused or skipped, all taps together */
  double framerate; /* frames/s over the last two seconds; 0 when idle */
  double bitrate; /* kbit/s over the last two seconds; 0 when idle */
  guint n_viewers[PH_VIEWER_LAST];
  guint n_taps;
  gboolean has_placeholder; /* what it carries now is no picture of the camera */
} PhFeedStats;

/* Main thread. config is copied from; owner is copied. */
PhFeed *ph_feed_new (const PhStreamConfig *config, const PhFeedOwner *owner);
PhFeed *ph_feed_ref_any (PhFeed *self);
void ph_feed_unref_any (PhFeed *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhFeed, ph_feed_unref_any)

const char *ph_feed_get_name_any (PhFeed *self);
PhCodec ph_feed_get_codec_any (PhFeed *self);

/* Main thread. The feed holds a reference on the tap. A PH_TAP_FROM_KEPT_GOP tap is handed the kept
 * group of pictures before this returns (in the calling thread). */
void ph_feed_add_tap (PhFeed *self, PhTap *tap);
/* Main thread. Once it returns, the tap's function neither runs nor will run. */
void ph_feed_remove_tap (PhFeed *self, PhTap *tap);

/* Asks the encoder for a keyframe; asked for again within two frame times it waits that long, it is
 * never forgotten. Does nothing for a feed that is passed through. */
void ph_feed_request_keyframe_any (PhFeed *self);
/* Whether that brings one now: FALSE for a feed that is passed through, or not running. */
gboolean ph_feed_can_force_keyframe_any (PhFeed *self);

/* The newest access unit (a JPEG picture for PH_CODEC_JPEG); NULL before the first. Its age is
 * ph_feed_now_any () - its PTS. Caller owns it. */
GstSample *ph_feed_dup_newest_any (PhFeed *self);
/* Whether what it carries now is a placeholder, and no picture of the camera. */
gboolean ph_feed_has_placeholder_any (PhFeed *self);
/* Feed time of the camera's own newest picture; GST_CLOCK_TIME_NONE before the first. */
GstClockTime ph_feed_get_last_picture_any (PhFeed *self);
/* NULL before the first access unit. Caller owns it. H.264: byte-stream, au aligned, with
 * width, height, profile and level. */
GstCaps *ph_feed_dup_caps_any (PhFeed *self);

/* The clock feed time is read from; all pipelines of the process use it. */
GstClockTime ph_feed_now_any (void);
/* The same moment in microseconds since 1970, as the system's clock has it now. */
gint64 ph_feed_time_to_unix_any (GstClockTime time);

/* Viewers are counted by whoever serves them; a tap may serve many. */
void ph_feed_count_viewer_any (PhFeed *self, PhViewerKind kind, int change);
void ph_feed_get_stats_any (PhFeed *self, PhFeedStats *stats);
/* What they were sent; lives as long as the feed. */
PhTraffic *ph_feed_get_traffic_any (PhFeed *self);

/* For the owner: streaming thread of the pipeline that feeds it. Takes nothing; sample is as the
 * appsink gave it, base_time that of its pipeline (nanoseconds). */
void ph_feed_push_on_stream (PhFeed *self, GstSample *sample, GstClockTime base_time);
/* For the owner, main thread: the pad events for the encoder are sent to (upstream); NULL when the
 * pipeline is gone. For a stream passed through leave it NULL. Takes a reference of its own. */
void ph_feed_set_encoder_pad (PhFeed *self, GstPad *pad);
/* For the owner, main thread: a pipeline ended or begins; what comes next does not follow what came
 * before. The kept group of pictures is forgotten, taps start anew with a keyframe. Does nothing
 * while there is a placeholder, which goes on until the camera's own pictures are there. */
void ph_feed_note_gap (PhFeed *self);
/* For the owner, main thread: the camera's pipeline is gone, from now on a placeholder is taken in
 * its place, up to the camera's next keyframe. encoder_pad is that of its encoder (nullable), as in
 * ph_feed_set_encoder_pad(). */
void ph_feed_admit_placeholder (PhFeed *self, GstPad *encoder_pad);
/* For the owner, main thread: no more is taken, whether or not the camera is back. */
void ph_feed_dismiss_placeholder (PhFeed *self);
/* For the owner: as ph_feed_push_on_stream(), but of a placeholder. FALSE: it is not taken (any
 * more), the camera is back. */
gboolean ph_feed_push_placeholder_on_stream (
    PhFeed *self, GstSample *sample, GstClockTime base_time);
/* For the owner that goes before the feed does, main thread: it is told of demand no more. */
void ph_feed_disown (PhFeed *self);
