/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs a small pipeline for a moment, to see whether it works and what comes out of it. */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

/* A pipeline for text, which has two elements at least; caller owns it. PH_ERROR_UNSUPPORTED, with
 * the words of GStreamer, when an element is missing or the text is wrong. Any thread. */
GstElement *ph_brief_run_parse (const char *text, GError **error);

/* Plays pipeline until it ends or ph_brief_run_finish_any() is called, then takes it down; takes
 * pipeline. FALSE and the error that an element posted (its own domain and code), or
 * G_IO_ERROR_TIMED_OUT, or G_IO_ERROR_CANCELLED. A driver that hangs while it is closed keeps a
 * thread, not the caller. Worker thread. */
gboolean ph_brief_run_on_worker (
    GstElement *pipeline, guint timeout_ms, GCancellable *cancellable, GError **error);

/* Ends a run as a success; for probes and callbacks, any thread. */
void ph_brief_run_finish_any (GstElement *pipeline);
