/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The placeholders of one camera: while it is lost each of its feeds that is watched carries one,
 * which says which camera it is, since when there is no picture, and why. Main thread. */
#pragma once

#include "camera/placeholder.h"
#include "camera/plan.h"

typedef struct _PhPlaceholders PhPlaceholders;

/* config and feeds (element-type PhFeed, in the order of config's streams) must outlive it. */
PhPlaceholders *ph_placeholders_new (const PhCameraConfig *config, GPtrArray *feeds);
void ph_placeholders_free (PhPlaceholders *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhPlaceholders, ph_placeholders_free)

/* Sizes, rates and encoders of the camera's streams, to make placeholders like them. */
void ph_placeholders_learn (PhPlaceholders *self, const PhPlan *plan);

/* The camera's pipeline is gone; reason is a sentence for the viewers. When they are shown already
 * only the reason changes. */
void ph_placeholders_show (PhPlaceholders *self, const char *reason);
/* The camera is back: no new ones are made, and each feed keeps its own until the camera's first
 * keyframe is there. */
void ph_placeholders_let_go (PhPlaceholders *self);
/* Nobody looks any more. */
void ph_placeholders_hide (PhPlaceholders *self);

/* feeds[index] is watched, or no longer. */
void ph_placeholders_set_wanted (PhPlaceholders *self, guint index, gboolean is_wanted);

/* Whether they are shown, and not one of them cannot be made: a newcomer gets a picture. */
gboolean ph_placeholders_are_shown (PhPlaceholders *self);
