/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds out why this place can, or cannot, be reached from outside: asks everybody at once, and
 * judges each step as soon as its answers are there (remote/doctor-judge.h). One run at a time,
 * never longer than 15 seconds. Main thread, never blocks. */
#pragma once

#include "remote/doctor-judge.h"
#include "remote/remote.h"

typedef struct _PhDoctor PhDoctor;

typedef struct {
  /* Fills in what only the owner knows: of the server, the names, mapping and the last visitor. */
  void (*fill) (PhDoctorFacts *facts, gpointer user_data);
  /* The last visitor alone. */
  void (*fill_visitor) (PhDoctorFacts *facts, gpointer user_data);
  /* A step was judged, or the run is over. */
  void (*changed) (gpointer user_data);
  gpointer user_data;
} PhDoctorOwner;

/* remote is kept, not copied; so are router and ports of it used. */
PhDoctor *ph_doctor_new (PhRemote *remote, const PhDoctorOwner *owner);
/* Ends what is under way and calls nobody any more. */
void ph_doctor_free (PhDoctor *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDoctor, ph_doctor_free)

/* sources: as remote.public_address.sources, of which the URLs are asked; ca_file as for
 * ph_echo_new. Does nothing while a run is under way. */
void ph_doctor_start (PhDoctor *self, const char *const *sources, const char *ca_file);
gboolean ph_doctor_is_running (PhDoctor *self);
/* Of the last run, seconds since 1970; 0: there was none. */
gint64 ph_doctor_get_finished_at (PhDoctor *self);
/* Looks once more at who came from outside, and at the verdict. */
void ph_doctor_note_visit (PhDoctor *self);
/* PH_DOCTOR_N_STEPS of them, some of which may not be judged yet. */
const PhDoctorStep *ph_doctor_get_steps (PhDoctor *self);

/* "https://front.example:8443", the best address to call from outside by what is known; NULL: none
 * is known. Free with g_free. */
char *ph_doctor_make_base_url (PhDoctor *self);
/* Whether peer is of this place: nobody who proves anything. */
gboolean ph_doctor_is_inside (PhDoctor *self, GInetAddress *peer);
