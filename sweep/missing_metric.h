/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The message about a metric that was not reported: which metrics were reported, and which one was
 * probably intended. Knows nothing of trials. */
#include <stddef.h>
#include "base/buf.h"

/* The one of `names` that `metric` probably means, or NULL. */
const char *missing_metric_meant(const char *metric, const char *const *names, size_t n);
/* "reported val_loss, acc and lr; did you mean val_loss?", or "reported no metric". */
void missing_metric_print(struct buf *out, const char *metric, const char *const *names, size_t n);
/* What to do if nothing was reported and the spec has no `report`. */
const char *missing_metric_no_report(void);
