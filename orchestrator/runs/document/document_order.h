/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The rows of a table, or of two side by side, in the order of a column. Knows no files. */
#include "orchestrator/runs/document/document_join.h"

struct document_order {
    const struct document_pair *pairs;
    size_t n;
    size_t side; /* of the pairs, which has the column */
    bool descending;
};

/* Sets places[i] to the place among the pairs of the one that is i-th. Numbers are before texts; rows without either, and
 * NaN, are last in both directions; rows that are equal stay as they are. */
NODISCARD int document_order(const struct document_order *o, const struct document_side *of,
                             struct document_work *w, size_t *places, struct err *err);
