/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Trials as a table for people, or as CSV for programs. Pure. */
#include "base/buf.h"
#include "cli/look/columns.h"

/* trials: a list of them as `besom trials --json` prints them. If the lines would be wider than
 * `width`, numbers get fewer digits and names are shortened before a column is left out. */
void trial_table_print(struct buf *out, struct arena *a, const struct value *trials,
                       const struct columns *c, size_t width, bool colour);

/* A line of CSV each (RFC 4180, but for its newline). An empty field is no value; numbers are whole, not rounded; NaN and
 * the infinities are NaN, Infinity and -Infinity. */
void trial_table_csv_head(struct buf *out, const struct columns *c);
void trial_table_csv_row(struct buf *out, struct arena *a, const struct columns *c,
                         const struct value *trial);
