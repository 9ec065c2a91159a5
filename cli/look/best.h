/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The best trial of a sweep as `besom best` and the end of `besom run` show it. */
#include "base/buf.h"
#include "base/value.h"

/* sweep and trial as `besom show --json` prints them; "by" of the trial, if present, is the metric
 * by which it is the best. */
void best_print(struct buf *out, const char *store, const struct value *sweep,
                const struct value *trial);
