/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /api/v1/doctor: GET gives a report that is less than a minute old, and waits for it if need be;
 * with ?wait=false it gives what there is. POST begins a new run (202). Main thread. */
#pragma once

#include "http/request.h"

typedef struct _PhDoctorApi PhDoctorApi;

/* Who finds out; all are given user_data. */
typedef struct {
  void (*start) (gpointer user_data); /* nothing, while it runs */
  gboolean (*is_running) (gpointer user_data);
  gint64 (*get_finished_at) (gpointer user_data); /* seconds since 1970; 0: never */
  void (*report) (JsonBuilder *builder, gpointer user_data); /* adds one object */
  gpointer user_data;
} PhDoctorHooks;

PhDoctorApi *ph_doctor_api_new (void);
void ph_doctor_api_free (PhDoctorApi *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDoctorApi, ph_doctor_api_free)

void ph_doctor_api_set_hooks (PhDoctorApi *self, const PhDoctorHooks *hooks);
/* Something changed: answers those who wait if it is over. */
void ph_doctor_api_changed (PhDoctorApi *self);

/* user_data is the PhDoctorApi. */
void ph_doctor_api_handle_get (PhRequest *request, gpointer user_data);
void ph_doctor_api_handle_post (PhRequest *request, gpointer user_data);
