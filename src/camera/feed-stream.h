/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the streaming thread of a pipeline meets a feed: takes each sample from an appsink and
 * pushes it into the feed. */
#pragma once

#include "camera/feed.h"

typedef struct _PhFeedStream PhFeedStream;

typedef enum {
  PH_FEED_STREAM_CAMERA,
  PH_FEED_STREAM_PLACEHOLDER /* the pipeline gets EOS once the camera is back */
} PhFeedStreamKind;

/* Main thread, pipeline not running. Keeps references on feed and sink; the pipeline (whose base
 * time is read) must outlive it. */
PhFeedStream *ph_feed_stream_new (
    PhFeed *feed, GstElement *pipeline, GstElement *appsink, PhFeedStreamKind kind);
/* Main thread. Once it returns nothing more comes into the feed from here, whatever the pipeline
 * does. */
void ph_feed_stream_shut (PhFeedStream *self);
/* Main thread, pipeline in NULL. */
void ph_feed_stream_free (PhFeedStream *self);
