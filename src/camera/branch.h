/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How one stream of a camera is made from what its source delivers. */
#pragma once

#include "camera/encoder.h"
#include "camera/plan.h"

/* Whether the stream can be what the source delivers, untouched. Any thread. */
gboolean ph_branch_can_pass_through (const PhStreamConfig *stream, const PhSourcePlan *source);

/* What the encoder is wished for stream. Any thread. */
void ph_branch_fill_wish (
    const PhStreamConfig *stream, const PhSourcePlan *source, PhEncoderWish *wish);

/* The text for a stream; encoder is NULL for what is passed through and for JPEG. Free with g_free.
 * Any thread. */
char *ph_branch_make_text (
    const PhStreamConfig *stream, const PhSourcePlan *source, const PhEncoder *encoder);

/* Fills in branch, which is zeroed; encoder is "auto" or a factory and is tried, which may take
 * seconds. Errors are those of ph_encoder_choose_on_worker(). Worker thread. */
gboolean ph_branch_make_plan_on_worker (const PhStreamConfig *stream, const char *encoder,
    const PhSourcePlan *source, PhBranchPlan *branch, GPtrArray *notes, GPtrArray *warnings,
    GCancellable *cancellable, GError **error);
