/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rtsp/guard.h"

#include "common/settings.h"

#include <gst/gst.h>
#include <string.h>

#define PASSWORD "se:c/r@t%\"\xc3\xa9"
#define ACCESS \
  "'access': { 'users': [ { 'name': 'anna', 'password': 'se:c/r@t%\\\"\xc3\xa9', 'cameras': [ " \
  "'front' ] } ], 'failures': 3 }"
#define FRONT "rtsp://192.0.2.1/front"

typedef struct {
  Folder folder;
  PhGate *gate;
  PhRtspGuard guard;
  GstRTSPMessage answer;
} Fixture;

/* What a request is made of; the rest is as a player would have it. */
typedef struct {
  GstRTSPMethod method;
  const char *uri;
  const char *digest_uri; /* NULL: the same */
  const char *password;
  GChecksumType hash;
  gboolean is_old; /* without qop, as RFC 2069 has it */
} Facts;

static const Facts describe_front = {
  .method = GST_RTSP_DESCRIBE,
  .uri = FRONT,
  .password = PASSWORD,
  .hash = G_CHECKSUM_MD5,
};

/* data: settings, with ' for ". */
static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (PhConfig) config = NULL;
  g_autoptr (PhUsers) users = NULL;

  folder_init (&f->folder);
  config = folder_load (&f->folder, data, 0600);
  users = ph_users_new (config, NULL, NULL);
  g_assert_nonnull (users);
  f->gate = ph_gate_new (users, config->access, NULL);
  f->guard.gate = f->gate;
  f->guard.peer = g_inet_address_new_from_string ("192.0.2.7");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gst_rtsp_message_unset (&f->answer);
  ph_rtsp_guard_clear (&f->guard);
  ph_gate_free (f->gate);
  folder_clear (&f->folder);
}

/* 0: let in; else the status. */
static guint
ask (Fixture *f, GstRTSPMethod method, const char *uri, const char *authorization)
{
  GstRTSPMessage request = { 0 };
  GstRTSPStatusCode status = 0;

  gst_rtsp_message_unset (&f->answer);
  gst_rtsp_message_init_request (&request, method, uri);
  gst_rtsp_message_add_header (&request, GST_RTSP_HDR_CSEQ, "3");
  if (authorization != NULL)
    gst_rtsp_message_add_header (&request, GST_RTSP_HDR_AUTHORIZATION, authorization);
  if (!ph_rtsp_guard_admits_on_rtsp (&f->guard, &request, &f->answer))
    gst_rtsp_message_parse_response (&f->answer, &status, NULL, NULL);
  gst_rtsp_message_unset (&request);
  return status;
}

/* NULL: there are not so many. */
static const char *
get_challenge (Fixture *f, int index)
{
  char *value = NULL;

  gst_rtsp_message_get_header (&f->answer, GST_RTSP_HDR_WWW_AUTHENTICATE, &value, index);
  return value;
}

static char *
take_nonce (Fixture *f)
{
  g_auto (GStrv) parts = NULL;

  g_assert_cmpuint (ask (f, GST_RTSP_DESCRIBE, FRONT, NULL), ==, 401);
  parts = g_strsplit (get_challenge (f, 0), "\"", -1);
  g_assert_cmpstr (parts[2], ==, ", nonce=");
  return g_strdup (parts[3]);
}

G_GNUC_PRINTF (2, 3)
static char *
hash (GChecksumType type, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return g_compute_checksum_for_string (type, text, -1);
}

/* Credentials of anna. */
static char *
make_digest (const Facts *facts, const char *nonce)
{
  const char *uri = facts->digest_uri != NULL ? facts->digest_uri : facts->uri;
  g_autofree char *ha1 = hash (facts->hash, "anna:Porthole:%s", facts->password);
  g_autofree char *ha2 = hash (facts->hash, "%s:%s", gst_rtsp_method_as_text (facts->method), uri);
  g_autofree char *response =
      facts->is_old ? hash (facts->hash, "%s:%s:%s", ha1, nonce, ha2)
                    : hash (facts->hash, "%s:%s:00000001:abc:auth:%s", ha1, nonce, ha2);

  return g_strdup_printf ("Digest username=\"anna\", realm=\"Porthole\", nonce=\"%s\", uri=\"%s\", "
                          "response=\"%s\"%s%s",
      nonce, uri, response, facts->hash == G_CHECKSUM_SHA256 ? ", algorithm=SHA-256" : "",
      facts->is_old ? "" : ", qop=auth, nc=00000001, cnonce=\"abc\"");
}

static guint
ask_as_anna (Fixture *f, const Facts *facts)
{
  g_autofree char *nonce = take_nonce (f);
  g_autofree char *digest = make_digest (facts, nonce);

  return ask (f, facts->method, facts->uri, digest);
}

static char *
make_basic (const char *password)
{
  g_autofree char *pair = g_strconcat ("anna:", password, NULL);
  g_autofree char *coded = g_base64_encode ((guchar *)pair, strlen (pair));

  return g_strconcat ("Basic ", coded, NULL);
}

/* ---- without credentials -------------------------------------------------------------------- */

static void
without_users_everybody_is_let_in (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (ask (f, GST_RTSP_DESCRIBE, FRONT, NULL), ==, 0);
  g_assert_cmpuint (ask (f, GST_RTSP_PLAY, FRONT, "Digest nonsense"), ==, 0);
}

static void
options_need_no_credentials (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (ask (f, GST_RTSP_OPTIONS, FRONT, NULL), ==, 0);
  g_assert_cmpuint (ask (f, GST_RTSP_OPTIONS, "*", NULL), ==, 0);
}

static void
all_other_methods_need_credentials (Fixture *f, gconstpointer data)
{
  for (guint bit = 1; bit <= GST_RTSP_GET; bit <<= 1) {
    char *sequence = NULL;

    if (bit == GST_RTSP_OPTIONS)
      continue;
    g_assert_cmpuint (ask (f, bit, FRONT, NULL), ==, 401);
    gst_rtsp_message_get_header (&f->answer, GST_RTSP_HDR_CSEQ, &sequence, 0);
    g_assert_cmpstr (sequence, ==, "3");
  }
  g_assert_cmpuint (ask (f, GST_RTSP_DESCRIBE, "rtsp://192.0.2.1/unknown", NULL), ==, 401);
  g_assert_cmpuint (ask (f, GST_RTSP_PLAY, "*", NULL), ==, 401);
}

static void
a_401_offers_both_digests_and_basic_only_in_private (Fixture *f, gconstpointer data)
{
  ask (f, GST_RTSP_DESCRIBE, FRONT, NULL);
  g_assert_nonnull (strstr (get_challenge (f, 0), "algorithm=SHA-256"));
  g_assert_nonnull (strstr (get_challenge (f, 1), "algorithm=MD5"));
  g_assert_null (get_challenge (f, 2));
  f->guard.wire = PH_RTSP_WIRE_TLS;
  ask (f, GST_RTSP_DESCRIBE, FRONT, NULL);
  g_assert_true (g_str_has_prefix (get_challenge (f, 2), "Basic "));
  f->guard.wire = PH_RTSP_WIRE_PLAIN;
  g_object_unref (f->guard.peer);
  f->guard.peer = g_inet_address_new_from_string ("::1");
  ask (f, GST_RTSP_DESCRIBE, FRONT, NULL);
  g_assert_true (g_str_has_prefix (get_challenge (f, 2), "Basic "));
}

static void
an_anonymous_camera_is_shown_to_anybody (Fixture *f, gconstpointer data)
{
  Facts facts = describe_front;

  g_assert_cmpuint (ask (f, GST_RTSP_DESCRIBE, "rtsp://192.0.2.1/yard/main", NULL), ==, 0);
  g_assert_cmpuint (ask (f, GST_RTSP_DESCRIBE, "rtsp://192.0.2.1/front", NULL), ==, 401);
  facts.uri = "rtsp://192.0.2.1/yard";
  g_assert_cmpuint (ask_as_anna (f, &facts), ==, 0);
  facts.password = "wrong";
  g_assert_cmpuint (ask_as_anna (f, &facts), ==, 401);
}

/* ---- with credentials ----------------------------------------------------------------------- */

static void
the_right_password_is_let_in_by_either_hash (Fixture *f, gconstpointer data)
{
  Facts facts = describe_front;

  g_assert_cmpuint (ask_as_anna (f, &facts), ==, 0);
  facts.hash = G_CHECKSUM_SHA256;
  g_assert_cmpuint (ask_as_anna (f, &facts), ==, 0);
}

static void
a_wrong_password_is_asked_for_again (Fixture *f, gconstpointer data)
{
  Facts facts = describe_front;

  facts.password = "wrong";
  g_assert_cmpuint (ask_as_anna (f, &facts), ==, 401);
  g_assert_null (strstr (get_challenge (f, 0), "stale=true"));
}

static void
an_unknown_nonce_is_stale (Fixture *f, gconstpointer data)
{
  g_autofree char *digest = make_digest (&describe_front, "0123456789abcdef0123456789abcdef");

  g_assert_cmpuint (ask (f, GST_RTSP_DESCRIBE, FRONT, digest), ==, 401);
  g_assert_nonnull (strstr (get_challenge (f, 0), "stale=true"));
}

static void
a_nonce_is_good_on_another_connection (Fixture *f, gconstpointer data)
{
  g_autofree char *nonce = take_nonce (f);
  g_autofree char *digest = make_digest (&describe_front, nonce);
  g_autoptr (GInetAddress) other = g_inet_address_new_from_string ("192.0.2.8");

  g_assert_cmpuint (ask (f, GST_RTSP_DESCRIBE, FRONT, digest), ==, 0);
  g_set_object (&f->guard.peer, other);
  g_assert_cmpuint (ask (f, GST_RTSP_DESCRIBE, FRONT, digest), ==, 0);
}

static void
a_client_that_knows_no_qop_is_let_in (Fixture *f, gconstpointer data)
{
  Facts facts = describe_front;

  facts.is_old = TRUE;
  g_assert_cmpuint (ask_as_anna (f, &facts), ==, 0);
}

static void
setup_may_be_signed_for_the_presentation (Fixture *f, gconstpointer data)
{
  Facts facts = describe_front;

  facts.method = GST_RTSP_SETUP;
  facts.uri = FRONT "/main/stream=0";
  facts.digest_uri = FRONT "/main/";
  g_assert_cmpuint (ask_as_anna (f, &facts), ==, 0);
  facts.digest_uri = "rtsp://192.0.2.1/second";
  g_assert_cmpuint (ask_as_anna (f, &facts), ==, 401);
}

static void
credentials_of_one_method_are_none_for_another (Fixture *f, gconstpointer data)
{
  g_autofree char *nonce = take_nonce (f);
  g_autofree char *digest = make_digest (&describe_front, nonce);

  g_assert_cmpuint (ask (f, GST_RTSP_SETUP, FRONT, digest), ==, 401);
}

static void
a_password_in_clear_is_taken_in_private_only (Fixture *f, gconstpointer data)
{
  g_autofree char *right = make_basic (PASSWORD);
  g_autofree char *wrong = make_basic ("wrong");

  g_assert_cmpuint (ask (f, GST_RTSP_DESCRIBE, FRONT, right), ==, 401);
  f->guard.wire = PH_RTSP_WIRE_TLS;
  g_assert_cmpuint (ask (f, GST_RTSP_DESCRIBE, FRONT, right), ==, 0);
  g_assert_cmpuint (ask (f, GST_RTSP_DESCRIBE, FRONT, wrong), ==, 401);
}

static void
a_camera_of_others_is_as_unknown_as_one_that_is_none (Fixture *f, gconstpointer data)
{
  static const char *const paths[] = { "second", "unknown", "fron", "front2", "%66ront" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autofree char *uri = g_strconcat ("rtsp://192.0.2.1/", paths[i], NULL);
    Facts facts = describe_front;

    facts.uri = uri;
    g_assert_cmpuint (ask_as_anna (f, &facts), ==, 404);
    g_assert_null (get_challenge (f, 0));
  }
}

static void
who_guesses_is_told_when_to_try_again (Fixture *f, gconstpointer data)
{
  Facts wrong = describe_front;
  char *seconds = NULL;

  wrong.password = "wrong";
  for (int i = 0; i < 3; i++)
    ask_as_anna (f, &wrong);
  g_assert_cmpuint (ask_as_anna (f, &describe_front), ==, 503);
  gst_rtsp_message_get_header (&f->answer, GST_RTSP_HDR_RETRY_AFTER, &seconds, 0);
  g_assert_nonnull (seconds);
  g_assert_cmpint (atoi (seconds), >, 0);
  g_assert_cmpuint (ask (f, GST_RTSP_OPTIONS, FRONT, NULL), ==, 0);
}

/* data of f again, with another entry for anna. */
static gboolean
is_still_admitted (Fixture *f, const char *settings)
{
  g_autoptr (PhConfig) config = folder_load (&f->folder, settings, 0600);
  g_autoptr (PhUsers) users = ph_users_new (config, NULL, NULL);

  return ph_rtsp_guard_still_admits_on_rtsp (&f->guard, users);
}

static void
note (Fixture *f, const char *uri)
{
  GstRTSPMessage request = { 0 };

  gst_rtsp_message_init_request (&request, GST_RTSP_SETUP, uri);
  ph_rtsp_guard_note_on_rtsp (&f->guard, &request);
  gst_rtsp_message_unset (&request);
}

static void
who_was_let_in_stays_while_its_entry_is_the_same (Fixture *f, gconstpointer data)
{
#define ANNA(password, cameras) \
  "{ 'access': { 'users': [ { 'name': 'anna', 'password': '" password "', 'cameras': [ '" cameras \
  "' ] } ] } }"
#define SAME "se:c/r@t%\\\"\xc3\xa9"
  g_assert_true (is_still_admitted (f, "{ 'access': { 'users': [ { 'name': 'bert', 'password': "
                                       "'other' } ] } }"));
  g_assert_cmpuint (ask_as_anna (f, &describe_front), ==, 0);
  note (f, FRONT "/main");
  g_assert_true (is_still_admitted (f, ANNA (SAME, "front")));
  g_assert_true (is_still_admitted (f, ANNA (SAME, "*")));
  g_assert_false (is_still_admitted (f, ANNA (SAME, "back")));
  g_assert_false (is_still_admitted (f, ANNA ("other", "front")));
  g_assert_false (is_still_admitted (f, "{ 'access': { 'users': [ { 'name': 'bert', 'password': "
                                        "'other' } ] } }"));
}

static void
who_needed_no_name_stays_while_none_is_needed (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (ask (f, GST_RTSP_DESCRIBE, FRONT, NULL), ==, 0);
  note (f, FRONT);
  g_assert_true (is_still_admitted (f, "{}"));
  g_assert_true (is_still_admitted (f, "{ 'access': { 'anonymous': true } }"));
  g_assert_false (is_still_admitted (f, ANNA ("other", "front")));
}

static void
add (const char *path, const char *settings, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, settings, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  const char *nobody = "{}";
  const char *anna = "{ " ACCESS " }";
  const char *yard =
      "{ " ACCESS ", 'cameras': [ { 'name': 'front', 'source': { 'type': 'test' } }, "
      "{ 'name': 'yard', 'anonymous': true, 'source': { 'type': 'test' } } ] }";

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  add ("/rtsp/guard/nobody", nobody, without_users_everybody_is_let_in);
  add ("/rtsp/guard/options", anna, options_need_no_credentials);
  add ("/rtsp/guard/methods", anna, all_other_methods_need_credentials);
  add ("/rtsp/guard/challenges", anna, a_401_offers_both_digests_and_basic_only_in_private);
  add ("/rtsp/guard/anonymous", yard, an_anonymous_camera_is_shown_to_anybody);
  add ("/rtsp/guard/right", anna, the_right_password_is_let_in_by_either_hash);
  add ("/rtsp/guard/wrong", anna, a_wrong_password_is_asked_for_again);
  add ("/rtsp/guard/stale", anna, an_unknown_nonce_is_stale);
  add ("/rtsp/guard/nonce", anna, a_nonce_is_good_on_another_connection);
  add ("/rtsp/guard/old", anna, a_client_that_knows_no_qop_is_let_in);
  add ("/rtsp/guard/setup", anna, setup_may_be_signed_for_the_presentation);
  add ("/rtsp/guard/method", anna, credentials_of_one_method_are_none_for_another);
  add ("/rtsp/guard/basic", anna, a_password_in_clear_is_taken_in_private_only);
  add ("/rtsp/guard/grants", anna, a_camera_of_others_is_as_unknown_as_one_that_is_none);
  add ("/rtsp/guard/entry", anna, who_was_let_in_stays_while_its_entry_is_the_same);
  add ("/rtsp/guard/nameless", nobody, who_needed_no_name_stays_while_none_is_needed);
  add ("/rtsp/guard/throttle", anna, who_guesses_is_told_when_to_try_again);
  return g_test_run ();
}
