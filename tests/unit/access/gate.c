/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "access/gate.h"

#include "common/settings.h"

#include <string.h>

#define SETTINGS(more) \
  "{ 'access': { 'users': [ { 'name': 'anna', 'password': 'secret', 'cameras': [ 'front' ] } " \
  "] " more " } }"

typedef struct {
  Folder folder;
  PhGate *gate;
  GString *log;
  gint64 now_us;
} Fixture;

static PhUsers *
load (Fixture *f, const char *settings)
{
  g_autoptr (PhConfig) config = folder_load (&f->folder, settings, 0600);
  PhUsers *users = ph_users_new (config, NULL, NULL);

  g_assert_nonnull (users);
  return users;
}

static GLogWriterOutput
keep_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer log)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      g_string_append_printf (log, "%s\n", (const char *)fields[i].value);
  return G_LOG_WRITER_HANDLED;
}

static void
set_up (Fixture *f, gconstpointer log)
{
  PhLimitsConfig limits = { 16, 4, 16, 4, 20 };
  char *no_proxies[] = { NULL };
  PhAccessConfig access_config = {
    .failures = 5, .ban = 600, .trusted_proxies = no_proxies, .limits = &limits
  };
  g_autoptr (PhUsers) users = NULL;

  folder_init (&f->folder);
  users = load (f, SETTINGS (""));
  f->gate = ph_gate_new (users, &access_config, NULL);
  f->now_us = G_TIME_SPAN_DAY;
  f->log = (GString *)log;
  g_string_truncate (f->log, 0);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ph_gate_free (f->gate);
  folder_clear (&f->folder);
}

typedef struct {
  const char *peer; /* NULL: 192.0.2.7 */
  const char *method; /* NULL: GET */
  const char *uri; /* NULL: /front/ */
  gboolean is_private, is_once;
} Facts;

static PhGateAnswer
ask (Fixture *f, const Facts *facts, const char *authorization)
{
  g_autoptr (GInetAddress) peer =
      g_inet_address_new_from_string (facts->peer != NULL ? facts->peer : "192.0.2.7");
  const PhAttempt attempt = {
    .protocol = "HTTP",
    .method = facts->method != NULL ? facts->method : "GET",
    .uri = facts->uri != NULL ? facts->uri : "/front/",
    .authorization = authorization,
    .peer = peer,
    .is_private = facts->is_private,
    .is_once = facts->is_once,
  };
  g_autofree char *name = NULL;
  guint wait_s = 99;
  PhGateAnswer answer = ph_gate_ask_any (f->gate, &attempt, f->now_us, &name, &wait_s);

  g_assert_cmpstr (name, ==, answer == PH_GATE_KNOWN ? "anna" : NULL);
  g_assert_cmpint (wait_s > 0, ==, answer == PH_GATE_WAIT);
  return answer;
}

/* Free with g_free. */
static char *
get_nonce (Fixture *f)
{
  const PhAttempt attempt = { .protocol = "HTTP" };
  g_auto (GStrv) challenges =
      ph_gate_make_challenges_any (f->gate, &attempt, PH_GATE_NOBODY, f->now_us);
  const char *start = strstr (challenges[0], "nonce=\"");

  g_assert_nonnull (start);
  start += strlen ("nonce=\"");
  return g_strndup (start, strcspn (start, "\""));
}

static char *
answer_challenge (
    const char *nonce, const char *password, const char *method, const char *uri, guint count)
{
  g_autofree char *nc = g_strdup_printf ("%08x", count);
  g_autofree char *ha1 = ph_hash_password_any (PH_HASH_SHA256, "anna", password);
  g_autofree char *ha2 = ph_hash_join_any (PH_HASH_SHA256, method, uri, NULL);
  g_autofree char *response =
      ph_hash_join_any (PH_HASH_SHA256, ha1, nonce, nc, "c", "auth", ha2, NULL);

  return g_strdup_printf ("Digest username=\"anna\", realm=\"Porthole\", nonce=\"%s\", uri=\"%s\", "
                          "nc=%s, cnonce=\"c\", qop=auth, response=\"%s\"",
      nonce, uri, nc, response);
}

/* base64 of anna:secret and anna:wrong */
#define RIGHT "Basic YW5uYTpzZWNyZXQ="
#define WRONG "Basic YW5uYTp3cm9uZw=="

static void
a_password_in_clear_is_for_private_connections (Fixture *f, gconstpointer data)
{
  g_autoptr (PhUsers) users = load (f, SETTINGS (", 'basic_over_plain': true"));

  g_assert_cmpint (ask (f, &(Facts){ .is_private = TRUE }, RIGHT), ==, PH_GATE_KNOWN);
  g_assert_cmpint (ask (f, &(Facts){ 0 }, RIGHT), ==, PH_GATE_WRONG);
  g_assert_cmpstr (f->log->str, ==,
      "refused 192.0.2.7: password in clear without TLS for user \"anna\" (HTTP)\n");
  ph_gate_set_users_any (f->gate, users);
  g_assert_cmpint (ask (f, &(Facts){ 0 }, RIGHT), ==, PH_GATE_KNOWN);
}

static void
a_digest_is_good_until_its_nonce_is_old (Fixture *f, gconstpointer data)
{
  g_autofree char *nonce = get_nonce (f);
  g_autofree char *header = answer_challenge (nonce, "secret", "GET", "/front/", 1);
  g_autofree char *wrong = answer_challenge (nonce, "wrong", "GET", "/front/", 1);

  g_assert_cmpint (ask (f, &(Facts){ 0 }, header), ==, PH_GATE_KNOWN);
  g_assert_cmpint (ask (f, &(Facts){ .peer = "192.0.2.8" }, header), ==, PH_GATE_KNOWN);
  g_assert_cmpint (ask (f, &(Facts){ .method = "POST" }, header), ==, PH_GATE_WRONG);
  g_assert_cmpint (ask (f, &(Facts){ .uri = "/back/" }, header), ==, PH_GATE_WRONG);
  f->now_us += G_TIME_SPAN_HOUR;
  g_assert_cmpint (ask (f, &(Facts){ 0 }, header), ==, PH_GATE_STALE);
  g_assert_cmpint (ask (f, &(Facts){ 0 }, wrong), ==, PH_GATE_WRONG);
}

static void
what_changes_something_counts_once (Fixture *f, gconstpointer data)
{
  const Facts facts = { .method = "POST", .is_once = TRUE };
  g_autofree char *nonce = get_nonce (f);
  g_autofree char *first = answer_challenge (nonce, "secret", "POST", "/front/", 1);
  g_autofree char *second = answer_challenge (nonce, "secret", "POST", "/front/", 2);

  g_assert_cmpint (ask (f, &facts, first), ==, PH_GATE_KNOWN);
  g_assert_cmpint (ask (f, &facts, first), ==, PH_GATE_STALE);
  g_assert_cmpint (ask (f, &facts, second), ==, PH_GATE_KNOWN);
}

static void
no_credentials_are_no_failure (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 20; i++) {
    g_assert_cmpint (ask (f, &(Facts){ 0 }, NULL), ==, PH_GATE_NOBODY);
    g_assert_cmpint (ask (f, &(Facts){ 0 }, "Bearer x"), ==, PH_GATE_NOBODY);
    g_assert_cmpint (ask (f, &(Facts){ 0 },
                         "Digest username=\"anna\", realm=\"other\", nonce=\"n\", uri=\"/\", "
                         "response=\"0123456789abcdef0123456789abcdef\""),
        ==, PH_GATE_NOBODY);
  }
  g_assert_cmpstr (f->log->str, ==, "");
  g_assert_cmpint (ask (f, &(Facts){ 0 }, "Digest x"), ==, PH_GATE_WRONG);
  g_assert_cmpint (ask (f, &(Facts){ .is_private = TRUE }, RIGHT), ==, PH_GATE_KNOWN);
}

static void
who_guesses_is_banned_and_nobody_else (Fixture *f, gconstpointer data)
{
  const Facts bad = { .is_private = TRUE };
  const Facts good = { .is_private = TRUE, .peer = "192.0.2.8" };

  for (int i = 0; i < 5; i++) {
    g_assert_cmpint (ask (f, &bad, WRONG), ==, PH_GATE_WRONG);
    f->now_us += 40 * G_TIME_SPAN_SECOND;
  }
  g_assert_nonnull (strstr (f->log->str,
      "refused 192.0.2.7: wrong password for user \"anna\" (HTTP); banned for 600 s\n"));
  g_string_truncate (f->log, 0);
  g_assert_cmpint (ask (f, &bad, RIGHT), ==, PH_GATE_WAIT);
  g_assert_cmpstr (f->log->str, ==,
      "refused 192.0.2.7: too many wrong passwords for user \"anna\" (HTTP); banned for 560 s\n");
  g_assert_cmpint (ask (f, &good, RIGHT), ==, PH_GATE_KNOWN);
  f->now_us += 560 * G_TIME_SPAN_SECOND;
  g_assert_cmpint (ask (f, &bad, RIGHT), ==, PH_GATE_KNOWN);
}

static void
this_machine_is_never_banned (Fixture *f, gconstpointer data)
{
  static const char *const peers[] = { "127.0.0.1", "::1", "::ffff:127.0.0.1" };

  for (gsize i = 0; i < G_N_ELEMENTS (peers); i++)
    for (int j = 0; j < 20; j++)
      g_assert_cmpint (
          ask (f, &(Facts){ .peer = peers[i], .is_private = TRUE }, WRONG), ==, PH_GATE_WRONG);
}

static void
a_hostile_name_does_not_forge_a_line (Fixture *f, gconstpointer data)
{
  g_autofree char *encoded = g_base64_encode ((const guchar *)"a\xff\" \xe2\x80\xa8x:p", 10);
  g_autofree char *header = g_strconcat ("Basic ", encoded, NULL);

  ask (f, &(Facts){ .is_private = TRUE }, header);
  g_assert_true (g_str_has_prefix (f->log->str, "refused 192.0.2.7: wrong password for user \"a"));
  g_assert_cmpint (strchr (f->log->str, '\n') - f->log->str, ==, (gssize)f->log->len - 1);
  g_assert_null (strstr (f->log->str, "\xe2\x80\xa8"));
  ask (f, &(Facts){ 0 },
      "Digest username=\"\xff\xf0\", realm=\"Porthole\", nonce=\"n\", uri=\"/\", "
      "response=\"0123456789abcdef0123456789abcdef\"");
  g_assert_true (g_utf8_validate (f->log->str, -1, NULL));
}

static void
a_form_is_judged_like_a_header (Fixture *f, gconstpointer data)
{
  g_autoptr (GInetAddress) peer = g_inet_address_new_from_string ("192.0.2.7");
  const PhAttempt form = { .protocol = "HTTP", .peer = peer };
  guint wait_s;

  g_assert_cmpint (
      ph_gate_log_in_any (f->gate, &form, "anna", "secret", f->now_us, &wait_s), ==, PH_GATE_KNOWN);
  for (int i = 0; i < 4; i++)
    g_assert_cmpint (
        ph_gate_log_in_any (f->gate, &form, "nobody", "x", f->now_us, &wait_s), ==, PH_GATE_WRONG);
  g_assert_cmpint (
      ph_gate_log_in_any (f->gate, &form, "anna", "secret", f->now_us, &wait_s), ==, PH_GATE_WAIT);
  g_assert_cmpuint (wait_s, ==, 1);
}

static void
a_user_who_is_gone_may_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (PhUsers) others =
      load (f, "{ 'access': { 'users': [ { 'name': 'bea', 'password': 'x' } ] } }");

  g_assert_true (ph_gate_allows_any (f->gate, "anna", PH_PERMISSION_VIEW, "front"));
  g_assert_false (ph_gate_allows_any (f->gate, "anna", PH_PERMISSION_VIEW, "back"));
  g_assert_false (ph_gate_allows_any (f->gate, NULL, PH_PERMISSION_VIEW, "front"));
  ph_gate_set_users_any (f->gate, others);
  g_assert_false (ph_gate_allows_any (f->gate, "anna", PH_PERMISSION_VIEW, "front"));
  g_assert_true (ph_gate_allows_any (f->gate, "bea", PH_PERMISSION_VIEW, "front"));
}

static void
without_users_nobody_is_asked (Fixture *f, gconstpointer data)
{
  g_autoptr (PhUsers) none = load (f, "{}");

  ph_gate_set_users_any (f->gate, none);
  g_assert_cmpint (ask (f, &(Facts){ .is_private = TRUE }, WRONG), ==, PH_GATE_NOBODY);
  g_assert_true (ph_gate_allows_any (f->gate, NULL, PH_PERMISSION_ADMIN, NULL));
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*run) (Fixture *f, gconstpointer data);
  } tests[] = {
    { "/access/gate/clear", a_password_in_clear_is_for_private_connections },
    { "/access/gate/digest", a_digest_is_good_until_its_nonce_is_old },
    { "/access/gate/once", what_changes_something_counts_once },
    { "/access/gate/nobody", no_credentials_are_no_failure },
    { "/access/gate/ban", who_guesses_is_banned_and_nobody_else },
    { "/access/gate/loopback", this_machine_is_never_banned },
    { "/access/gate/log", a_hostile_name_does_not_forge_a_line },
    { "/access/gate/form", a_form_is_judged_like_a_header },
    { "/access/gate/gone", a_user_who_is_gone_may_nothing },
    { "/access/gate/empty", without_users_nobody_is_asked },
  };
  g_autoptr (GString) log = g_string_new (NULL);

  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (keep_line, log, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, log, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
