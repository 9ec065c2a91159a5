/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Trials as a table for people. Pure. */
#include "base/buf.h"
#include "orchestrator/view/table/columns.h"

/* trials: a list of them as `besom trials --json` prints them. If the lines would be wider than
 * `width`, numbers get fewer digits and names are shortened before a column is left out. */
void trial_table_print(struct buf *out, struct arena *a, const struct value *trials,
                       const struct columns *c, size_t width, bool colour);
