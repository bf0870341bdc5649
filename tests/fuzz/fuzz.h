/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libFuzzer calls (https://llvm.org/docs/LibFuzzer.html). A target must not crash, leak, hang
 * or fail an assertion, whatever it is given. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
