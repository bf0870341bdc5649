/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests that repeat one which came before on their connection, word for word but for the file
 * they ask for: players ask so for playlists and segments, several times a second each. libsoup
 * takes some hundred steps for any request, most of the processor's time of HLS, so these are
 * answered without it. Nothing new is judged of them: every header is known to be that of a request
 * which libsoup has read and the guard has let in, and the guard is asked whether it would be let
 * in still. The headers of the answer are those of the first one. Main thread. */
#pragma once

#include "http/request-head.h"
#include "http/request.h"

typedef struct _PhRepetition PhRepetition;

typedef struct {
  /* What whoever sent request (the first one) is answered with now: 200, caller owns a reference.
   * NULL: that is for libsoup and the request's handler to say. file_name is what follows the last
   * slash: letters, digits, "-", "_" and "."; or NULL: the same was asked for again. */
  GBytes *(*find) (PhRequest *request, const char *file_name, gpointer user_data);
  GDestroyNotify free_data; /* nullable */
  gpointer user_data;
} PhRepetitionSource;

/* request was just answered with 200, and source (copied, freed with the repetition) knows what
 * else would be; is_file: also for other files beside it. head is what was sent. NULL: it is none
 * that can be repeated; source is freed. */
PhRepetition *ph_repetition_new (
    PhRequest *request, GBytes *head, gboolean is_file, const PhRepetitionSource *source);
void ph_repetition_free (PhRepetition *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRepetition, ph_repetition_free)

/* Whether a new one would stand for the same requests. */
gboolean ph_repetition_is_same (PhRepetition *self, PhRepetition *other);

/* Whether it is a repetition, still let in, and has an answer: then both are given, caller owns
 * them. */
gboolean ph_repetition_try_answer (
    PhRepetition *self, const PhRequestHead *asked, GBytes **head, GBytes **body);
/* An answer may be written on. */
gboolean ph_repetition_may_go_on (PhRepetition *self);
