/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Trials as a table for people: number, state, objective, the parameters that vary, duration. */
#include <stdbool.h>
#include "base/buf.h"
#include "base/value.h"

/* trials: a list of them as `besom trials --json` prints them; metric: the objective's name or
 * NULL. */
void trial_table_print(struct buf *out, struct arena *a, const struct value *trials,
                       const char *metric, size_t columns, bool colour);
