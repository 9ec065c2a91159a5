/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Trials as CSV, for commands and the server: a line each (RFC 4180, but for its newline). An empty field is no value;
 * numbers are whole, not rounded; NaN and the infinities are NaN, Infinity and -Infinity. Pure. */
#include "base/buf.h"
#include "orchestrator/view/table/columns.h"

/* A trial's value in this column; NULL: none. flat: its parameters, flattened. Tags are one text. */
const struct value *trial_csv_value(struct arena *a, const struct column *c,
                                    const struct value *trial, const struct value *flat);
void trial_csv_head(struct buf *out, const struct columns *c);
void trial_csv_row(struct buf *out, struct arena *a, const struct columns *c,
                   const struct value *trial);
