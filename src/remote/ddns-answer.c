/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/ddns-answer.h"

#include "base/json-text.h"

#include <gio/gio.h>
#include <string.h>

static const char *const verdicts[] = { "updated", "unchanged", "refused", "abuse", "later",
  "too_many", "unreachable", "unknown", NULL };

typedef struct {
  const char *code;
  PhDdnsVerdict verdict;
  const char *meaning;
} Code;

/* help.dyn.com/remote-access-api/return-codes, noip.com/integrate/response */
static const Code codes[] = {
  { "good", PH_DDNS_VERDICT_UPDATED, "the address was taken" },
  { "nochg", PH_DDNS_VERDICT_UNCHANGED, "it was so already" },
  { "badauth", PH_DDNS_VERDICT_REFUSED, "user name or password is wrong" },
  { "!donator", PH_DDNS_VERDICT_REFUSED, "the account does not have what was asked for" },
  { "!active", PH_DDNS_VERDICT_REFUSED, "the account is not active yet" },
  { "!yours", PH_DDNS_VERDICT_REFUSED, "the name belongs to another account" },
  { "notfqdn", PH_DDNS_VERDICT_REFUSED, "this is no complete host name" },
  { "nohost", PH_DDNS_VERDICT_REFUSED, "the account has no such name" },
  { "numhost", PH_DDNS_VERDICT_REFUSED, "too many names in one call" },
  { "badagent", PH_DDNS_VERDICT_REFUSED, "the provider does not want this program" },
  { "badsys", PH_DDNS_VERDICT_REFUSED, "the kind of name is wrong" },
  { "abuse", PH_DDNS_VERDICT_ABUSE,
      "the name is blocked for abuse; the provider's page tells how to unblock it" },
  { "dnserr", PH_DDNS_VERDICT_LATER, "the provider's DNS has a problem" },
  { "911", PH_DDNS_VERDICT_LATER, "the provider has a problem" },
};

const char *
ph_ddns_verdict_to_string (PhDdnsVerdict verdict)
{
  return verdicts[verdict];
}

gboolean
ph_ddns_verdict_from_string (const char *text, PhDdnsVerdict *verdict)
{
  for (guint i = 0; text != NULL && verdicts[i] != NULL; i++) {
    if (g_str_equal (verdicts[i], text)) {
      *verdict = (PhDdnsVerdict)i;
      return TRUE;
    }
  }
  return FALSE;
}

void
ph_ddns_outcome_clear (PhDdnsOutcome *self)
{
  g_clear_pointer (&self->answer, g_free);
}

void
ph_ddns_outcome_set (
    PhDdnsOutcome *self, PhDdnsVerdict verdict, gint64 wait, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  self->verdict = verdict;
  self->wait = wait;
  self->answer = g_strdup_vprintf (format, arguments);
  va_end (arguments);
}

/* Some providers repeat what they were asked. */
static void
hide (GString *text, const char *secret)
{
  if (*secret != '\0')
    g_string_replace (text, secret, "...", 0);
}

char *
ph_ddns_answer_quote (const char *body, const PhDdnsAccount *account)
{
  g_autofree char *encoded = g_uri_escape_string (account->password, NULL, FALSE);
  const char *start = body + strspn (body, " \t\r\n");
  GString *text = g_string_new_len (start, strcspn (start, "\r\n"));
  g_autofree char *line = NULL;

  hide (text, account->password);
  hide (text, encoded);
  line = g_string_free (text, FALSE);
  return *line != '\0' ? ph_json_text_quote (line) : g_strdup ("nothing");
}

/* "w60m", "w6h", "w30s" */
static gint64
read_wait (const char *word)
{
  char *end = NULL;
  guint64 number;

  if (word[0] != 'w' || !g_ascii_isdigit (word[1]))
    return -1;
  number = g_ascii_strtoull (word + 1, &end, 10);
  if (number > 100000 || *end == '\0' || end[1] != '\0')
    return -1;
  switch (*end) {
  case 's':
    return (gint64)number;
  case 'm':
    return (gint64)number * 60;
  case 'h':
    return (gint64)number * 3600;
  default:
    return -1;
  }
}

static const Code *
find_code (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_str_equal (codes[i].code, word))
      return &codes[i];
  return NULL;
}

/* FALSE: word is none of the row's own. */
static gboolean
find_own_word (const PhDdnsProvider *provider, const char *word, PhDdnsVerdict *verdict)
{
  const struct {
    char **words;
    PhDdnsVerdict verdict;
  } lists[] = {
    { provider->abuse, PH_DDNS_VERDICT_ABUSE },
    { provider->refused, PH_DDNS_VERDICT_REFUSED },
    { provider->later, PH_DDNS_VERDICT_LATER },
    { provider->unchanged, PH_DDNS_VERDICT_UNCHANGED },
    { provider->good, PH_DDNS_VERDICT_UPDATED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++) {
    if (g_strv_contains ((const char *const *)lists[i].words, word)) {
      *verdict = lists[i].verdict;
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
is_sent (GInetAddress *address, const PhDdnsTask *task)
{
  PhFamily family =
      g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4 ? PH_FAMILY_IPV4 : PH_FAMILY_IPV6;
  g_autoptr (GInetAddress) sent =
      task->address[family] != NULL ? g_inet_address_new_from_string (task->address[family]) : NULL;

  return sent == NULL || g_inet_address_equal (sent, address);
}

/* "good 127.0.0.1" is how Dyn turns down a program it does not want. FALSE: all is as sent. */
static gboolean
find_wrong_address (const char *line, const PhDdnsTask *task, PhDdnsOutcome *outcome)
{
  g_auto (GStrv) words = g_strsplit_set (line, " \t,", -1);

  for (guint i = 1; words[0] != NULL && words[i] != NULL; i++) {
    g_autoptr (GInetAddress) address = g_inet_address_new_from_string (words[i]);
    g_autofree char *shown = address != NULL ? g_inet_address_to_string (address) : NULL;

    if (address == NULL || is_sent (address, task))
      continue;
    if (g_inet_address_get_is_loopback (address))
      ph_ddns_outcome_set (outcome, PH_DDNS_VERDICT_REFUSED, -1,
          "the provider does not want this program: it said good, but set %s", shown);
    else
      ph_ddns_outcome_set (outcome, PH_DDNS_VERDICT_UNKNOWN, -1,
          "the provider set %s, which is not what was sent", shown);
    return TRUE;
  }
  return FALSE;
}

static gboolean
is_success (PhDdnsVerdict verdict)
{
  return verdict == PH_DDNS_VERDICT_UPDATED || verdict == PH_DDNS_VERDICT_UNCHANGED;
}

static void
set_unknown (const PhDdnsReply *reply, const PhDdnsAccount *account, PhDdnsOutcome *outcome)
{
  g_autofree char *quoted = ph_ddns_answer_quote (reply->body, account);

  ph_ddns_outcome_set (outcome, PH_DDNS_VERDICT_UNKNOWN, reply->retry_after,
      "an answer that Porthole does not know: HTTP %u, %s", reply->status, quoted);
}

static gboolean
is_status_of (const PhDdnsReply *reply, char **statuses)
{
  g_autofree char *text = g_strdup_printf ("%u", reply->status);

  return g_strv_contains ((const char *const *)statuses, text);
}

gboolean
ph_ddns_answer_read_status (
    const PhDdnsReply *reply, const PhDdnsAccount *account, PhDdnsOutcome *outcome)
{
  g_autofree char *quoted = ph_ddns_answer_quote (reply->body, account);

  if (reply->status == 0)
    ph_ddns_outcome_set (outcome, PH_DDNS_VERDICT_UNREACHABLE, -1, "no answer: %s",
        reply->failure != NULL ? reply->failure : "the connection ended");
  else if (reply->status == 429)
    ph_ddns_outcome_set (outcome, PH_DDNS_VERDICT_TOO_MANY, reply->retry_after,
        "too many calls (HTTP 429, %s)", quoted);
  else if (reply->status >= 500)
    ph_ddns_outcome_set (outcome, PH_DDNS_VERDICT_UNREACHABLE, reply->retry_after,
        "the provider has a problem (HTTP %u, %s)", reply->status, quoted);
  else if (reply->status == 401 || reply->status == 403)
    ph_ddns_outcome_set (outcome, PH_DDNS_VERDICT_REFUSED, -1,
        "user name, password or token was refused (HTTP %u, %s)", reply->status, quoted);
  else
    return FALSE;
  return TRUE;
}

/* What the row says of the status. FALSE: nothing. */
static gboolean
read_own_status (const PhDdnsReply *reply, const PhDdnsAccount *account, PhDdnsOutcome *outcome)
{
  g_autofree char *quoted = ph_ddns_answer_quote (reply->body, account);

  if (is_status_of (reply, account->provider->refused_status))
    ph_ddns_outcome_set (
        outcome, PH_DDNS_VERDICT_REFUSED, -1, "refused (HTTP %u, %s)", reply->status, quoted);
  else if (is_status_of (reply, account->provider->unchanged_status))
    ph_ddns_outcome_set (outcome, PH_DDNS_VERDICT_UNCHANGED, -1, "it was so already");
  else if (is_status_of (reply, account->provider->good_status))
    ph_ddns_outcome_set (outcome, PH_DDNS_VERDICT_UPDATED, -1, "the address was taken");
  else
    return FALSE;
  return TRUE;
}

/* A success that came with an error's status is none. */
static gboolean
counts (const PhDdnsReply *reply, PhDdnsVerdict verdict)
{
  return !is_success (verdict) || (reply->status >= 200 && reply->status < 300);
}

static gboolean
read_wait_code (const char *word, PhDdnsOutcome *outcome)
{
  gint64 wait = read_wait (word);

  if (wait >= 0)
    ph_ddns_outcome_set (
        outcome, PH_DDNS_VERDICT_LATER, wait, "the provider asks to wait (%.8s)", word);
  return wait >= 0;
}

/* One line of dyndns2. FALSE: its first word says nothing. */
static gboolean
read_line (const char *line, const PhDdnsReply *reply, const PhDdnsTask *task,
    const PhDdnsAccount *account, PhDdnsOutcome *outcome)
{
  g_autofree char *word = g_strndup (line, strcspn (line, " \t"));
  const Code *code = find_code (word);
  PhDdnsVerdict verdict = code != NULL ? code->verdict : PH_DDNS_VERDICT_UNKNOWN;
  g_autofree char *quoted = ph_ddns_answer_quote (line, account);

  if (!find_own_word (account->provider, word, &verdict) && code == NULL)
    return read_wait_code (word, outcome);
  if (!counts (reply, verdict))
    return FALSE;
  if (is_success (verdict) && find_wrong_address (line, task, outcome))
    return TRUE;
  if (code != NULL)
    ph_ddns_outcome_set (outcome, verdict, reply->retry_after, "%s (%s)", code->meaning, quoted);
  else
    ph_ddns_outcome_set (outcome, verdict, reply->retry_after, "the provider says %s", quoted);
  return TRUE;
}

static GPtrArray *
split_lines (const char *body)
{
  g_auto (GStrv) all = g_strsplit_set (body, "\r\n", -1);
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; all[i] != NULL; i++)
    if (*g_strstrip (all[i]) != '\0')
      g_ptr_array_add (lines, g_strdup (all[i]));
  return lines;
}

/* A line for each name, in the order of the call; a single one is about all of them. */
static gboolean
read_lines (const PhDdnsReply *reply, const PhDdnsTask *task, guint index, PhDdnsOutcome *outcome)
{
  g_autoptr (GPtrArray) lines = split_lines (reply->body);
  guint line = lines->len == 1 ? 0 : index;

  return line < lines->len &&
         read_line (g_ptr_array_index (lines, line), reply, task, task->accounts[index], outcome);
}

static gboolean
has_word (const char *body, const char *word)
{
  g_auto (GStrv) words = g_strsplit_set (body, " \t\r\n", -1);

  return g_strv_contains ((const char *const *)words, word);
}

static gboolean
has_any (const char *body, char **texts, const PhDdnsTask *task)
{
  gboolean is_words = task->accounts[0]->provider->answer == PH_DDNS_ANSWER_WORDS;

  for (guint i = 0; texts[i] != NULL; i++) {
    g_autofree char *text = ph_ddns_template_fill_text (texts[i], task);

    if (is_words ? has_word (body, text) : strstr (body, text) != NULL)
      return TRUE;
  }
  return FALSE;
}

/* The worst that is found counts. */
static gboolean
read_texts (const PhDdnsReply *reply, const PhDdnsTask *task, guint index, PhDdnsOutcome *outcome)
{
  const PhDdnsAccount *account = task->accounts[index];
  const PhDdnsProvider *provider = account->provider;
  g_autofree char *quoted = ph_ddns_answer_quote (reply->body, account);
  PhDdnsVerdict verdict;

  if (has_any (reply->body, provider->abuse, task))
    verdict = PH_DDNS_VERDICT_ABUSE;
  else if (has_any (reply->body, provider->refused, task))
    verdict = PH_DDNS_VERDICT_REFUSED;
  else if (has_any (reply->body, provider->later, task))
    verdict = PH_DDNS_VERDICT_LATER;
  else if (has_any (reply->body, provider->unchanged, task))
    verdict = PH_DDNS_VERDICT_UNCHANGED;
  else if (has_any (reply->body, provider->good, task))
    verdict = PH_DDNS_VERDICT_UPDATED;
  else
    return FALSE;
  if (!counts (reply, verdict))
    return FALSE;
  ph_ddns_outcome_set (outcome, verdict, reply->retry_after, "the provider says %s", quoted);
  return TRUE;
}

static gboolean
read_match (const GRegex *success, const PhDdnsReply *reply, const PhDdnsAccount *account,
    PhDdnsOutcome *outcome)
{
  g_autofree char *quoted = ph_ddns_answer_quote (reply->body, account);

  if (!counts (reply, PH_DDNS_VERDICT_UPDATED) || !g_regex_match (success, reply->body, 0, NULL))
    return FALSE;
  ph_ddns_outcome_set (outcome, PH_DDNS_VERDICT_UPDATED, -1, "the provider says %s", quoted);
  return TRUE;
}

static gboolean
read_body (const PhDdnsReply *reply, const PhDdnsTask *task, guint index, PhDdnsOutcome *outcome)
{
  const PhDdnsAccount *account = task->accounts[index];
  gboolean is_read;

  if (account->success != NULL) {
    if (read_match (account->success, reply, account, outcome))
      return TRUE;
    is_read = read_lines (reply, task, index, outcome);
    if (is_read && is_success (outcome->verdict)) { /* only the settings say what success is */
      ph_ddns_outcome_clear (outcome);
      is_read = FALSE;
    }
    return is_read;
  }
  if (account->provider->answer == PH_DDNS_ANSWER_DYNDNS2)
    return read_lines (reply, task, index, outcome);
  return read_texts (reply, task, index, outcome);
}

void
ph_ddns_answer_read (const PhDdnsReply *reply, const PhDdnsTask *task, PhDdnsOutcome *outcomes)
{
  for (guint i = 0; i < task->n_accounts; i++) {
    const PhDdnsAccount *account = task->accounts[i];
    PhDdnsOutcome *outcome = &outcomes[i];

    *outcome = (PhDdnsOutcome){ .wait = -1 };
    if (reply->status == 429 && ph_ddns_answer_read_status (reply, account, outcome))
      continue;
    if (reply->status != 0 && read_body (reply, task, i, outcome))
      continue;
    if (reply->status != 0 && read_own_status (reply, account, outcome))
      continue;
    if (!ph_ddns_answer_read_status (reply, account, outcome))
      set_unknown (reply, account, outcome);
  }
}
