/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fills the templates of a provider. Every value is encoded for the place it comes to, so none can
 * reach beyond it. */
#pragma once

#include "remote/ddns-account.h"

/* What is to be published, for whom. */
typedef struct {
  const PhDdnsAccount *const *accounts; /* that share a call */
  guint n_accounts; /* at least 1 */
  const char *address[PH_N_FAMILIES]; /* NULL: none */
  PhFamily family; /* of a call for one family; {ip} and {type} */
} PhDdnsTask;

/* Values percent-encoded (RFC 3986), query parameters without an address left out. */
char *ph_ddns_template_fill_url (const char *template, const PhDdnsTask *task);
/* The same for a body, by its content type: a form, or JSON. */
char *ph_ddns_template_fill_body (
    const char *template, const char *content_type, const PhDdnsTask *task);
/* Values as they are. */
char *ph_ddns_template_fill_text (const char *template, const PhDdnsTask *task);
