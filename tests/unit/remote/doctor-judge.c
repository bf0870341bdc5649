/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/doctor-judge.h"

#include <string.h>

#define NOW 2000000000

typedef struct {
  const char *title;
  void (*spoil) (PhDoctorFacts *facts);
  const char *step; /* that tells it */
  PhDoctorBlocker blocker;
  const char *seen; /* part of the verdict */
} Case;

static void
set_address (GInetAddress **place, const char *text)
{
  g_clear_object (place);
  *place = text != NULL ? g_inet_address_new_from_string (text) : NULL;
}

static PhDoctorName *
get_name (PhDoctorFacts *facts)
{
  return g_ptr_array_index (facts->names, 0);
}

static PhDoctorPort *
get_port (PhDoctorFacts *facts, guint index)
{
  return g_ptr_array_index (facts->ports, index);
}

static void
set_port (PhDoctorPort *port, PhPortState state, PhMappingOutcome outcome, const char *said)
{
  g_free (port->said);
  port->said = g_strdup (said);
  port->state = state;
  port->outcome = outcome;
}

/* A place that is reached, as far as anybody inside can tell. */
static PhDoctorFacts *
make_good_facts (void)
{
  PhDoctorFacts *facts = ph_doctor_facts_new ();
  PhDoctorName *name = ph_doctor_facts_add_name (facts, "front.example");
  PhDoctorPort *ipv4 = ph_doctor_facts_add_port (facts), *ipv6 = ph_doctor_facts_add_port (facts);

  facts->now = NOW;
  facts->is_running = facts->has_users = facts->has_certificate = facts->wants_mapping = TRUE;
  facts->https_port = 8443;
  facts->certificate_days = 60;
  facts->answers = facts->has_neighbour = facts->hairpin = PH_FACT_YES;
  set_address (&facts->gateway, "192.168.77.1");
  set_address (&facts->self, "192.168.77.10");
  set_address (&facts->self_ipv6, "2a01:db8:77::10");
  g_strlcpy (facts->interface, "eth0", sizeof facts->interface);
  facts->n_echoes = facts->n_answers = facts->n_addresses = 2;
  set_address (&facts->web, "5.6.7.8");
  set_address (&facts->router_address, "5.6.7.8");
  set_address (&facts->hop, "5.6.7.1");
  facts->router_protocol = g_strdup ("PCP");
  ipv4->internal_port = ipv4->wished_port = ipv4->external_port = 8443;
  ipv6->internal_port = ipv6->wished_port = ipv6->external_port = 8443;
  ipv6->is_ipv6 = TRUE;
  set_port (ipv4, PH_PORT_OPEN, PH_MAPPING_DONE, "port 8443 of 5.6.7.8 leads here, by PCP");
  set_port (ipv6, PH_PORT_OPEN, PH_MAPPING_DONE, "port 8443 is open");
  name->is_dynamic = name->wants_ipv4 = name->wants_ipv6 = name->is_served = TRUE;
  name->is_certified = name->resolves = PH_FACT_YES;
  g_ptr_array_add (name->addresses, g_inet_address_new_from_string ("5.6.7.8"));
  g_ptr_array_add (name->addresses, g_inet_address_new_from_string ("2a01:db8:77::10"));
  return facts;
}

static void
end_server (PhDoctorFacts *f)
{
  f->is_running = FALSE;
}

static void
forget_users (PhDoctorFacts *f)
{
  f->has_users = FALSE;
}

static void
keep_to_loopback (PhDoctorFacts *f)
{
  f->is_loopback = TRUE;
}

static void
forget_tls (PhDoctorFacts *f)
{
  f->https_port = 0;
}

static void
put_clock_back (PhDoctorFacts *f)
{
  f->released = NOW + 1;
}

static void
end_certificate (PhDoctorFacts *f)
{
  f->certificate_days = -3;
}

static void
take_other_certificate (PhDoctorFacts *f)
{
  get_name (f)->is_certified = PH_FACT_NO;
}

static void
serve_other_names (PhDoctorFacts *f)
{
  get_name (f)->is_served = FALSE;
}

static void
close_firewall (PhDoctorFacts *f)
{
  f->answers = PH_FACT_NO;
  f->why_no_answer = g_strdup ("Connection timed out");
}

static void
pull_cable (PhDoctorFacts *f)
{
  set_address (&f->gateway, NULL);
  set_address (&f->self_ipv6, NULL);
}

static void
end_router (PhDoctorFacts *f)
{
  f->has_neighbour = PH_FACT_NO;
}

static void
go_through_vpn (PhDoctorFacts *f)
{
  g_strlcpy (f->interface, "wg0", sizeof f->interface);
}

static void
lose_internet (PhDoctorFacts *f)
{
  f->n_answers = f->n_addresses = 0;
  set_address (&f->web, NULL);
}

static void
live_in_hotel (PhDoctorFacts *f)
{
  f->n_addresses = 0;
  f->echo_said = g_strdup ("it answers with something that is no address");
  set_address (&f->web, NULL);
}

static void
share_address (PhDoctorFacts *f)
{
  set_address (&f->router_address, "100.64.12.34");
  set_address (&f->web, "9.9.9.1");
  set_port (get_port (f, 0), PH_PORT_CLOSED, PH_MAPPING_NO_ADDRESS, "no public address");
}

static void
stand_behind_router (PhDoctorFacts *f)
{
  set_address (&f->router_address, "192.168.1.2");
  set_address (&f->hop, "192.168.1.1");
  set_address (&f->web, "9.9.9.1");
}

static void
stand_behind_silent_routers (PhDoctorFacts *f)
{
  set_address (&f->router_address, NULL);
  set_address (&f->hop, "192.168.1.1");
  f->wants_mapping = FALSE;
  g_ptr_array_set_size (f->ports, 0);
}

static void
translate_again (PhDoctorFacts *f)
{
  set_address (&f->web, "9.9.9.1");
}

static void
switch_upnp_off (PhDoctorFacts *f)
{
  g_clear_pointer (&f->router_protocol, g_free);
  set_address (&f->router_address, NULL);
  set_port (get_port (f, 0), PH_PORT_CLOSED, PH_MAPPING_ABSENT, "nobody answers");
  set_port (get_port (f, 1), PH_PORT_CLOSED, PH_MAPPING_ABSENT, "nobody answers");
}

static void
filter_upnp (PhDoctorFacts *f)
{
  switch_upnp_off (f);
  get_port (f, 0)->natpmp_said = g_strdup ("the router does not answer to NAT-PMP in time");
}

static void
refuse_mapping (PhDoctorFacts *f)
{
  set_port (get_port (f, 0), PH_PORT_CLOSED, PH_MAPPING_NOT_ALLOWED, "not allowed (error 606)");
}

static void
take_port (PhDoctorFacts *f)
{
  set_port (get_port (f, 0), PH_PORT_CLOSED, PH_MAPPING_TAKEN,
      "port 8443 belongs to 192.168.77.11 (\"nas\")");
}

static void
stop_name (PhDoctorFacts *f)
{
  get_name (f)->is_stopped = TRUE;
  get_name (f)->provider_said = g_strdup ("the password is wrong");
}

static void
lose_name (PhDoctorFacts *f)
{
  get_name (f)->resolves = PH_FACT_NO;
  get_name (f)->why_not = g_strdup ("no such host");
}

static void
keep_old_record (PhDoctorFacts *f)
{
  g_ptr_array_remove_index (get_name (f)->addresses, 0);
  g_ptr_array_add (get_name (f)->addresses, g_inet_address_new_from_string ("5.6.7.99"));
}

static void
close_ipv6 (PhDoctorFacts *f)
{
  set_port (get_port (f, 1), PH_PORT_CLOSED, PH_MAPPING_ABSENT, "no PCP");
}

static void
name_other_ipv6 (PhDoctorFacts *f)
{
  set_address (&f->self_ipv6, "2a01:db8:77::99");
}

static const Case cases[] = {
  { "not-running", end_server, "server", PH_BLOCKER_NOT_RUNNING, "No Porthole runs" },
  { "no-users", forget_users, "server", PH_BLOCKER_NO_USERS, "no users" },
  { "loopback", keep_to_loopback, "server", PH_BLOCKER_LOOPBACK, "this machine only" },
  { "no-tls", forget_tls, "server", PH_BLOCKER_NO_TLS, "no HTTPS" },
  { "clock", put_clock_back, "server", PH_BLOCKER_CLOCK, "clock is wrong" },
  { "certificate-ended", end_certificate, "server", PH_BLOCKER_CERTIFICATE_ENDED, "3 days ago" },
  { "tls-name", take_other_certificate, "server", PH_BLOCKER_TLS_NAME, "not good for" },
  { "not-served", serve_other_names, "server", PH_BLOCKER_TLS_NAME, "does not answer to" },
  { "firewall", close_firewall, "firewall", PH_BLOCKER_FIREWALL, "Connection timed out" },
  { "no-route", pull_cable, "network", PH_BLOCKER_NO_ROUTE, "no way out" },
  { "no-router", end_router, "network", PH_BLOCKER_NO_ROUTE, "192.168.77.1, does not answer" },
  { "vpn", go_through_vpn, "network", PH_BLOCKER_VPN, "wg0" },
  { "no-internet", lose_internet, "internet", PH_BLOCKER_NO_INTERNET, "none did in time" },
  { "captive-portal", live_in_hotel, "internet", PH_BLOCKER_CAPTIVE_PORTAL, "no address" },
  { "cgnat", share_address, "nat", PH_BLOCKER_CGNAT, "100.64.12.34" },
  { "double-nat", stand_behind_router, "nat", PH_BLOCKER_DOUBLE_NAT, "router, 192.168.1.1" },
  { "silent-double-nat", stand_behind_silent_routers, "nat", PH_BLOCKER_DOUBLE_NAT, "192.168.1.1" },
  { "hidden-nat", translate_again, "nat", PH_BLOCKER_HIDDEN_NAT, "9.9.9.1" },
  { "router-silent", switch_upnp_off, "router", PH_BLOCKER_ROUTER_SILENT, "switched off" },
  { "router-filtered", filter_upnp, "router", PH_BLOCKER_ROUTER_SILENT,
      "them (the router does not answer to NAT-PMP in time)." },
  { "mapping-refused", refuse_mapping, "mapping", PH_BLOCKER_MAPPING_REFUSED, "(error 606)" },
  { "port-taken", take_port, "conflict", PH_BLOCKER_PORT_TAKEN, "192.168.77.11 (\"nas\")" },
  { "name-refused", stop_name, "name", PH_BLOCKER_NAME_NOT_UPDATED, "the password is wrong" },
  { "name-unknown", lose_name, "name", PH_BLOCKER_NAME_NOT_UPDATED, "no such host" },
  { "dns-stale", keep_old_record, "name", PH_BLOCKER_DNS_STALE, "5.6.7.99, but this place is" },
  { "ipv6-firewall", close_ipv6, "ipv6", PH_BLOCKER_IPV6, "lets no IPv6 in" },
  { "ipv6-other", name_other_ipv6, "ipv6", PH_BLOCKER_IPV6, "not this machine's address" },
};

static void
judge_all (const PhDoctorFacts *facts, PhDoctorStep steps[PH_DOCTOR_N_STEPS])
{
  memset (steps, 0, PH_DOCTOR_N_STEPS * sizeof *steps);
  for (guint i = 0; i < PH_DOCTOR_N_STEPS; i++) {
    ph_doctor_judge (facts, steps, i);
    g_assert_nonnull (steps[i].seen);
    g_assert_true (g_str_has_suffix (steps[i].seen, "."));
    if (steps[i].state == PH_DOCTOR_PROBLEM)
      g_assert_nonnull (steps[i].advice);
  }
}

static void
clear_all (PhDoctorStep steps[PH_DOCTOR_N_STEPS])
{
  for (guint i = 0; i < PH_DOCTOR_N_STEPS; i++)
    ph_doctor_step_clear (&steps[i]);
}

static void
assert_blocked (const PhDoctorFacts *facts, const Case *c)
{
  PhDoctorStep steps[PH_DOCTOR_N_STEPS];
  const PhDoctorStep *verdict = &steps[PH_DOCTOR_VERDICT];

  judge_all (facts, steps);
  g_assert_cmpint (verdict->state, ==, PH_DOCTOR_PROBLEM);
  g_assert_cmpstr (
      ph_doctor_blocker_get_name (verdict->blocker), ==, ph_doctor_blocker_get_name (c->blocker));
  if (strstr (verdict->seen, c->seen) == NULL)
    g_error ("\"%s\" lacks \"%s\"", verdict->seen, c->seen);
  for (guint i = 0; i < PH_DOCTOR_VERDICT; i++)
    if (steps[i].state == PH_DOCTOR_PROBLEM && steps[i].blocker == c->blocker)
      g_assert_cmpstr (ph_doctor_step_get_name (i), ==, c->step);
  clear_all (steps);
}

static void
the_verdict_names_what_blocks (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (PhDoctorFacts) facts = make_good_facts ();

  c->spoil (facts);
  assert_blocked (facts, c);
}

static void
no_port_is_named_before_there_is_one (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (PhDoctorFacts) facts = make_good_facts ();
  PhDoctorStep steps[PH_DOCTOR_N_STEPS];

  c->spoil (facts);
  forget_users (facts);
  forget_tls (facts);
  facts->answers = PH_FACT_UNKNOWN; /* nobody tries it */
  judge_all (facts, steps);
  for (guint i = 0; i < PH_DOCTOR_N_STEPS; i++)
    if (strstr (steps[i].seen, "port 0") != NULL ||
        (steps[i].advice != NULL && strstr (steps[i].advice, "port 0") != NULL))
      g_error ("\"%s %s\" tells a port that is none", steps[i].seen, steps[i].advice);
  clear_all (steps);
}

/* Whatever else is wrong, the first of the list is the one thing to be told. */
static void
one_thing_is_told_of_many (void)
{
  g_autoptr (PhDoctorFacts) facts = make_good_facts ();
  Case first = { "", NULL, "nat", PH_BLOCKER_CGNAT, "CGNAT" };

  share_address (facts);
  close_ipv6 (facts);
  stop_name (facts);
  end_certificate (facts);
  close_firewall (facts);
  assert_blocked (facts, &first);
}

static PhDoctorState
judge_verdict (const PhDoctorFacts *facts)
{
  PhDoctorStep steps[PH_DOCTOR_N_STEPS];
  PhDoctorState state;

  judge_all (facts, steps);
  state = steps[PH_DOCTOR_VERDICT].state;
  clear_all (steps);
  return state;
}

static void
only_a_visit_proves_it (void)
{
  g_autoptr (PhDoctorFacts) facts = make_good_facts ();

  g_assert_cmpint (judge_verdict (facts), ==, PH_DOCTOR_UNKNOWN);
  set_address (&facts->visitor, "9.9.9.9");
  facts->visited_at = NOW - 60;
  g_assert_cmpint (judge_verdict (facts), ==, PH_DOCTOR_OK);
  facts->visited_at = NOW - 2 * 24 * 60 * 60;
  g_assert_cmpint (judge_verdict (facts), ==, PH_DOCTOR_UNKNOWN);
}

/* A router behind a router may well be open; but a name that is refused stays refused. */
static void
a_visit_refutes_the_network_only (void)
{
  g_autoptr (PhDoctorFacts) facts = make_good_facts ();
  Case name = { "", NULL, "name", PH_BLOCKER_NAME_NOT_UPDATED, "password" };

  set_address (&facts->visitor, "9.9.9.9");
  facts->visited_at = NOW - 60;
  stand_behind_router (facts);
  keep_old_record (facts);
  g_ptr_array_add (get_name (facts)->addresses, g_inet_address_new_from_string ("9.9.9.1"));
  g_assert_cmpint (judge_verdict (facts), ==, PH_DOCTOR_OK);
  stop_name (facts);
  assert_blocked (facts, &name);
}

static void
nothing_known_is_no_problem_of_the_network (void)
{
  g_autoptr (PhDoctorFacts) facts = ph_doctor_facts_new ();
  PhDoctorStep steps[PH_DOCTOR_N_STEPS];

  facts->is_running = facts->has_users = facts->has_certificate = TRUE;
  facts->https_port = 8443;
  judge_all (facts, steps);
  clear_all (steps);
}

static void
translation_has_ways_around (void)
{
  g_assert_cmpuint (g_strv_length ((char **)ph_doctor_list_remedies (PH_BLOCKER_CGNAT)), ==, 3);
  g_assert_cmpuint (g_strv_length ((char **)ph_doctor_list_remedies (PH_BLOCKER_NO_USERS)), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/remote/doctor/blocked/", cases[i].title, NULL);
    g_autofree char *closed = g_strconcat ("/remote/doctor/no-port/", cases[i].title, NULL);

    g_test_add_data_func (path, &cases[i], the_verdict_names_what_blocks);
    g_test_add_data_func (closed, &cases[i], no_port_is_named_before_there_is_one);
  }
  g_test_add_func ("/remote/doctor/one-of-many", one_thing_is_told_of_many);
  g_test_add_func ("/remote/doctor/visit", only_a_visit_proves_it);
  g_test_add_func ("/remote/doctor/visit-refutes", a_visit_refutes_the_network_only);
  g_test_add_func ("/remote/doctor/nothing-known", nothing_known_is_no_problem_of_the_network);
  g_test_add_func ("/remote/doctor/remedies", translation_has_ways_around);
  return g_test_run ();
}
