/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public address and the ports at the router for /metrics. Main thread. */
#pragma once

#include "base/metrics-text.h"
#include "remote/port-mapping.h"
#include "remote/public-address.h"

/* Each adds whole families of samples. */
void ph_remote_metrics_add_address (PhMetricsText *text, PhPublicAddress *address);
void ph_remote_metrics_add_mapping (PhMetricsText *text, PhPortMapping *mapping);
