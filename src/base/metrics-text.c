/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/metrics-text.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

struct _PhMetricsText {
  PhMetricsFormat format;
  GString *text;
  const char *name; /* of the family at hand */
  PhMetricType type;
};

PhMetricsText *
ph_metrics_text_new (PhMetricsFormat format)
{
  PhMetricsText *self = g_new0 (PhMetricsText, 1);

  self->format = format;
  self->text = g_string_new (NULL);
  return self;
}

void
ph_metrics_text_free (PhMetricsText *self)
{
  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  g_free (self);
}

/* What a sample's name has behind that of its family. */
static const char *
get_suffix (PhMetricType type)
{
  switch (type) {
  case PH_METRIC_COUNTER:
    return "_total";
  case PH_METRIC_INFO:
    return "_info";
  default:
    return "";
  }
}

static const char *
get_type_name (const PhMetricsText *self, PhMetricType type)
{
  gboolean is_plain = self->format == PH_METRICS_PLAIN;

  switch (type) {
  case PH_METRIC_GAUGE:
    return "gauge";
  case PH_METRIC_COUNTER:
    return "counter";
  case PH_METRIC_HISTOGRAM:
    return "histogram";
  case PH_METRIC_INFO:
    return is_plain ? "gauge" : "info";
  case PH_METRIC_STATESET:
    return is_plain ? "gauge" : "stateset";
  }
  return "unknown";
}

void
ph_metrics_text_begin (
    PhMetricsText *self, const char *name, PhMetricType type, const char *unit, const char *help)
{
  /* The older format knows no family: there the metadata is that of the samples. */
  const char *suffix = self->format == PH_METRICS_PLAIN ? get_suffix (type) : "";

  self->name = name;
  self->type = type;
  g_string_append_printf (self->text, "# HELP %s%s %s.\n", name, suffix, help);
  g_string_append_printf (self->text, "# TYPE %s%s %s\n", name, suffix, get_type_name (self, type));
  if (unit != NULL && self->format == PH_METRICS_OPENMETRICS)
    g_string_append_printf (self->text, "# UNIT %s %s\n", name, unit);
}

static void
append_escaped (GString *text, const char *value)
{
  for (const char *c = value; *c != '\0'; c++) {
    if (*c == '\n')
      g_string_append (text, "\\n");
    else if (*c == '"' || *c == '\\')
      g_string_append_printf (text, "\\%c", *c);
    else
      g_string_append_c (text, *c);
  }
}

static void
append_label (GString *labels, const char *name, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value != NULL ? value : "", -1);

  g_string_append_printf (labels, "%s%s=\"", labels->len > 0 ? "," : "", name);
  append_escaped (labels, valid);
  g_string_append_c (labels, '"');
}

static GString *
make_labels (va_list pairs)
{
  GString *labels = g_string_new (NULL);
  const char *name;

  while ((name = va_arg (pairs, const char *)) != NULL)
    append_label (labels, name, va_arg (pairs, const char *));
  return labels;
}

/* Whole numbers as such: a counter of bytes outgrows what %g shows. */
static void
append_value (GString *text, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (value == floor (value) && fabs (value) < 1e15)
    g_string_append_printf (text, "%.0f", value);
  else
    g_string_append (text, g_ascii_formatd (buffer, sizeof buffer, "%.9g", value));
}

static void
append_sample (PhMetricsText *self, const char *suffix, const char *labels, double value)
{
  g_string_append_printf (self->text, "%s%s", self->name, suffix);
  if (labels[0] != '\0')
    g_string_append_printf (self->text, "{%s}", labels);
  g_string_append_c (self->text, ' ');
  append_value (self->text, value);
  g_string_append_c (self->text, '\n');
}

void
ph_metrics_text_add (PhMetricsText *self, double value, ...)
{
  GString *labels;
  va_list pairs;

  va_start (pairs, value);
  labels = make_labels (pairs);
  va_end (pairs);
  append_sample (self, get_suffix (self->type), labels->str, value);
  g_string_free (labels, TRUE);
}

/* "0.25", "1.0": OpenMetrics wants bounds to be written alike everywhere. */
static char *
format_bound (guint index)
{
  double bound;
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (index == PH_HISTOGRAM_BOUNDS)
    return g_strdup ("+Inf");
  bound = ph_histogram_bounds[index];
  g_ascii_formatd (buffer, sizeof buffer, "%g", bound);
  return g_strconcat (buffer, bound == floor (bound) ? ".0" : NULL, NULL);
}

void
ph_metrics_text_add_histogram (PhMetricsText *self, const PhHistogram *histogram, ...)
{
  GString *labels;
  guint64 n = 0;
  gsize length;
  va_list pairs;

  va_start (pairs, histogram);
  labels = make_labels (pairs);
  va_end (pairs);
  length = labels->len;
  for (guint i = 0; i <= PH_HISTOGRAM_BOUNDS; i++) {
    g_autofree char *bound = format_bound (i);

    n += __atomic_load_n (&histogram->counts[i], __ATOMIC_RELAXED);
    append_label (labels, "le", bound);
    append_sample (self, "_bucket", labels->str, n);
    g_string_truncate (labels, length);
  }
  append_sample (self, "_count", labels->str, n);
  append_sample (self, "_sum", labels->str,
      __atomic_load_n (&histogram->sum_us, __ATOMIC_RELAXED) / (double)G_USEC_PER_SEC);
  g_string_free (labels, TRUE);
}

/* A stateset's states stand in a label of the family's own name. */
void
ph_metrics_text_add_state (PhMetricsText *self, const char *const *states, const char *state, ...)
{
  GString *labels;
  gsize length;
  va_list pairs;

  va_start (pairs, state);
  labels = make_labels (pairs);
  va_end (pairs);
  length = labels->len;
  for (guint i = 0; states[i] != NULL; i++) {
    append_label (labels, self->name, states[i]);
    append_sample (self, "", labels->str, g_strcmp0 (states[i], state) == 0);
    g_string_truncate (labels, length);
  }
  g_string_free (labels, TRUE);
}

const char *
ph_metrics_text_get_content_type (PhMetricsFormat format)
{
  return format == PH_METRICS_OPENMETRICS
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

GBytes *
ph_metrics_text_finish (PhMetricsText *self)
{
  if (self->format == PH_METRICS_OPENMETRICS)
    g_string_append (self->text, "# EOF\n");
  return g_string_free_to_bytes (g_steal_pointer (&self->text));
}
