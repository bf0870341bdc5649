/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "remote/ddns-call.h"

#include "base/secret-file.h"

#include <string.h>

PhDdnsCall *
ph_ddns_call_new (const PhDdnsAccount *const *accounts, guint n_accounts,
    const char *const addresses[PH_N_FAMILIES], PhFamily family)
{
  PhDdnsCall *self = g_new0 (PhDdnsCall, 1);

  self->task.accounts = g_memdup2 (accounts, n_accounts * sizeof *accounts);
  self->task.n_accounts = n_accounts;
  self->task.family = family;
  for (PhFamily i = 0; i < PH_N_FAMILIES; i++)
    self->task.address[i] = g_strdup (addresses[i]);
  self->outcomes = g_new0 (PhDdnsOutcome, n_accounts);
  return self;
}

void
ph_ddns_call_free (PhDdnsCall *self)
{
  for (guint i = 0; i < self->task.n_accounts; i++)
    ph_ddns_outcome_clear (&self->outcomes[i]);
  for (PhFamily i = 0; i < PH_N_FAMILIES; i++)
    g_free ((char *)self->task.address[i]);
  g_free ((gpointer)self->task.accounts);
  g_free (self->outcomes);
  g_free (self->zone_id);
  g_free (self->record);
  g_free (self);
}

/* Whoever has a name in the settings wants that one and not the row's. */
static char *
make_user (const PhDdnsTask *task)
{
  const PhDdnsAccount *account = task->accounts[0];

  return *account->username != '\0' ? g_strdup (account->username)
                                    : ph_ddns_template_fill_text (account->provider->user, task);
}

static char *
make_basic (const PhDdnsTask *task)
{
  g_autofree char *user = make_user (task);
  char *both = g_strconcat (user, ":", task->accounts[0]->password, NULL);
  char *encoded = g_base64_encode ((const guchar *)both, strlen (both));
  char *header = g_strconcat ("Basic ", encoded, NULL);

  ph_secret_free (both);
  ph_secret_free (encoded);
  return header;
}

/* With a template of the user's that holds the password there is nothing left to say. */
static char *
make_authorization (const PhDdnsTask *task)
{
  const PhDdnsAccount *account = task->accounts[0];

  if (account->own_url != NULL &&
      (strstr (account->own_url, "{pass}") != NULL || *account->password == '\0'))
    return NULL;
  switch ((PhDdnsAuth)account->provider->auth) {
  case PH_DDNS_AUTH_BASIC:
    return make_basic (task);
  case PH_DDNS_AUTH_BEARER:
    return g_strconcat ("Bearer ", account->password, NULL);
  case PH_DDNS_AUTH_NONE:
    break;
  }
  return NULL;
}

PhDdnsRequest *
ph_ddns_call_make_request (const PhDdnsCall *self, const char *method, char *url, char *body)
{
  const PhDdnsProvider *provider = self->task.accounts[0]->provider;
  PhDdnsRequest *request = g_new0 (PhDdnsRequest, 1);

  request->method = g_strdup (method);
  request->url = url;
  request->body = body;
  request->content_type = g_strdup (provider->content_type);
  request->authorization = make_authorization (&self->task);
  request->family = G_SOCKET_FAMILY_INVALID;
  if (ph_ddns_account_takes_caller (self->task.accounts[0]))
    request->family =
        self->task.family == PH_FAMILY_IPV4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6;
  return request;
}

static PhDdnsRequest *
next_template (PhDdnsCall *self, const PhDdnsReply *reply)
{
  const PhDdnsAccount *account = self->task.accounts[0];
  const PhDdnsProvider *provider = account->provider;
  const char *url =
      self->task.family == PH_FAMILY_IPV6 && provider->url6 != NULL ? provider->url6 : account->url;
  char *body = NULL;

  if (reply != NULL) {
    ph_ddns_answer_read (reply, &self->task, self->outcomes);
    return NULL;
  }
  if (provider->body != NULL)
    body = ph_ddns_template_fill_body (provider->body, provider->content_type, &self->task);
  return ph_ddns_call_make_request (
      self, provider->method, ph_ddns_template_fill_url (url, &self->task), body);
}

PhDdnsRequest *
ph_ddns_call_next (PhDdnsCall *self, const PhDdnsReply *reply)
{
  switch ((PhDdnsKind)self->task.accounts[0]->provider->kind) {
  case PH_DDNS_KIND_CLOUDFLARE:
    return ph_ddns_call_next_cloudflare (self, reply);
  case PH_DDNS_KIND_FREEDNS:
    return ph_ddns_call_next_freedns (self, reply);
  case PH_DDNS_KIND_TEMPLATE:
    break;
  }
  return next_template (self, reply);
}
