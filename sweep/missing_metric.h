/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What to say where a metric did not come: what came instead, and what was probably meant. Knows
 * nothing of trials. */
#include <stddef.h>
#include "base/buf.h"

/* The name of names that `metric` probably means, or NULL. */
const char *missing_metric_meant(const char *metric, const char *const *names, size_t n);
/* "reported val_loss, acc and lr; did you mean val_loss?", or "reported no metric". */
void missing_metric_print(struct buf *out, const char *metric, const char *const *names, size_t n);
