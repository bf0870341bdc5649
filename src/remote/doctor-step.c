/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/doctor-step.h"

#include <string.h>

static const char *const blocker_names[] = {
  [PH_BLOCKER_NONE] = NULL,
  [PH_BLOCKER_NOT_RUNNING] = "not-running",
  [PH_BLOCKER_NO_USERS] = "no-users",
  [PH_BLOCKER_LOOPBACK] = "loopback",
  [PH_BLOCKER_NO_TLS] = "no-tls",
  [PH_BLOCKER_NO_ROUTE] = "no-route",
  [PH_BLOCKER_NO_INTERNET] = "no-internet",
  [PH_BLOCKER_CAPTIVE_PORTAL] = "captive-portal",
  [PH_BLOCKER_VPN] = "vpn",
  [PH_BLOCKER_CGNAT] = "cgnat",
  [PH_BLOCKER_DOUBLE_NAT] = "double-nat",
  [PH_BLOCKER_HIDDEN_NAT] = "hidden-nat",
  [PH_BLOCKER_FIREWALL] = "firewall",
  [PH_BLOCKER_ROUTER_SILENT] = "router-silent",
  [PH_BLOCKER_PORT_TAKEN] = "port-taken",
  [PH_BLOCKER_MAPPING_REFUSED] = "mapping-refused",
  [PH_BLOCKER_NAME_NOT_UPDATED] = "name-not-updated",
  [PH_BLOCKER_DNS_STALE] = "dns-stale",
  [PH_BLOCKER_IPV6] = "ipv6",
  [PH_BLOCKER_CERTIFICATE_ENDED] = "certificate-ended",
  [PH_BLOCKER_TLS_NAME] = "tls-name",
  [PH_BLOCKER_CLOCK] = "clock",
};

const char *
ph_doctor_blocker_get_name (PhDoctorBlocker blocker)
{
  return blocker_names[blocker];
}

const char *
ph_doctor_state_get_name (PhDoctorState state)
{
  static const char *const names[] = { "ok", "problem", "unknown" };

  return names[state];
}

void
ph_doctor_step_clear (PhDoctorStep *self)
{
  g_free (self->seen);
  g_free (self->advice);
  memset (self, 0, sizeof *self);
}

void
ph_doctor_step_say (PhDoctorStep *self, PhDoctorState state, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  self->seen = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  self->state = state;
}

void
ph_doctor_step_advise (PhDoctorStep *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  self->advice = g_strdup_vprintf (format, arguments);
  va_end (arguments);
}

void
ph_doctor_step_blame (PhDoctorStep *self, PhDoctorBlocker blocker, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  self->seen = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  self->state = PH_DOCTOR_PROBLEM;
  self->blocker = blocker;
}

char *
ph_doctor_step_to_text (GInetAddress *address)
{
  return address != NULL ? g_inet_address_to_string (address) : g_strdup ("unknown");
}

char *
ph_doctor_step_port_to_text (guint port)
{
  return port != 0 ? g_strdup_printf ("TCP port %u", port) : g_strdup ("the port of HTTPS");
}
