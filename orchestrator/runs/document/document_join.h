/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The rows of two tables side by side where a column of each has the same value, as wandb.JoinedTable means it: a row
 * without a partner stays, alone. Knows no files. */
#include "base/err.h"
#include "base/json_span.h"
#include "orchestrator/runs/document/document_work.h"

struct document_pair {
    const struct json_span *side[2]; /* NULL: no partner */
};

struct document_side {
    const struct json_span *rows;
    size_t n, key; /* the place of the column */
};

/* In the order of the left rows; then the right ones that have no partner. mem_free them. ERR_LIMIT: more than
 * LIMIT_RUNS_TABLE_ROWS. */
NODISCARD int document_join(const struct document_side *left, const struct document_side *right,
                            struct document_work *w, struct document_pair **ret, size_t *ret_n,
                            struct err *err);
