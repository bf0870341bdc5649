/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One step of the doctor: what was seen, what to do, and what stands in the way. Plain data; any
 * thread. */
#pragma once

#include <gio/gio.h>

typedef enum { PH_DOCTOR_OK, PH_DOCTOR_PROBLEM, PH_DOCTOR_UNKNOWN } PhDoctorState;

/* What can stand in the way: the first of them that is there is the one to be told. */
typedef enum {
  PH_BLOCKER_NONE,
  PH_BLOCKER_NOT_RUNNING,
  PH_BLOCKER_NO_USERS,
  PH_BLOCKER_LOOPBACK,
  PH_BLOCKER_NO_TLS,
  PH_BLOCKER_NO_ROUTE, /* what follows is known to be no matter once somebody came from outside … */
  PH_BLOCKER_NO_INTERNET,
  PH_BLOCKER_CAPTIVE_PORTAL,
  PH_BLOCKER_VPN,
  PH_BLOCKER_CGNAT,
  PH_BLOCKER_DOUBLE_NAT,
  PH_BLOCKER_HIDDEN_NAT,
  PH_BLOCKER_FIREWALL,
  PH_BLOCKER_ROUTER_SILENT,
  PH_BLOCKER_PORT_TAKEN,
  PH_BLOCKER_MAPPING_REFUSED, /* … up to this */
  PH_BLOCKER_NAME_NOT_UPDATED,
  PH_BLOCKER_DNS_STALE,
  PH_BLOCKER_IPV6,
  PH_BLOCKER_CERTIFICATE_ENDED,
  PH_BLOCKER_TLS_NAME,
  PH_BLOCKER_CLOCK
} PhDoctorBlocker;

/* "cgnat", "port-taken", …; NULL for PH_BLOCKER_NONE. */
const char *ph_doctor_blocker_get_name (PhDoctorBlocker blocker);
/* "ok", "problem", "unknown". */
const char *ph_doctor_state_get_name (PhDoctorState state);

typedef struct {
  gboolean is_judged;
  PhDoctorState state;
  PhDoctorBlocker blocker; /* with PH_DOCTOR_PROBLEM */
  char *seen; /* one sentence, with its full stop */
  char *advice; /* another one: what to do; NULL: nothing */
} PhDoctorStep;

void ph_doctor_step_clear (PhDoctorStep *self);

/* Each once for a step that is clear; format makes one sentence, with its full stop. say sets what
 * was seen, blame the same of a problem, advise what to do. */
void ph_doctor_step_say (PhDoctorStep *self, PhDoctorState state, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
void ph_doctor_step_blame (PhDoctorStep *self, PhDoctorBlocker blocker, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
void ph_doctor_step_advise (PhDoctorStep *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* For such a sentence: "unknown" for NULL. Free with g_free. */
char *ph_doctor_step_to_text (GInetAddress *address);
/* For such a sentence, what to forward or let in: "the port of HTTPS" for 0. Free with g_free. */
char *ph_doctor_step_port_to_text (guint port);
