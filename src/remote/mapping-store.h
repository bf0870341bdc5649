/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Remembers, over restarts and crashes, what the router was asked for: the file port-mapping.json
 * in the folder of base/state.h. Blocks on the disk; main thread. */
#pragma once

#include "remote/mapping.h"

typedef struct {
  char *name; /* "https" */
  GSocketFamily family;
  guint internal_port;
  guint wished_port; /* outside */
  guint external_port; /* the one that there is, or that is asked for next */
  guint8 nonce[PH_PCP_NONCE_SIZE];
  gboolean is_open; /* the router may still have it */
  gboolean has_pinhole; /* see PhMappingRequest */
  guint pinhole;
  /* Of the last time that it was open. */
  PhMappingProtocol protocol;
  char *router; /* its address; nullable */
  gint64 until_s; /* Unix time; 0: until it is taken away */
} PhMappingRecord;

PhMappingRecord *ph_mapping_record_new (
    const char *name, GSocketFamily family, guint internal_port, guint wished_port);
void ph_mapping_record_free (PhMappingRecord *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMappingRecord, ph_mapping_record_free)

/* Element-type PhMappingRecord, owned. Empty when there is no file, or none that can be read: that
 * is a warning. */
GPtrArray *ph_mapping_store_load (void);
/* What fails is a warning. */
void ph_mapping_store_save (GPtrArray *records);
