/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Rows of a wandb.Table, sorted and in pages, also of two that are joined. Files are read as text; only the rows of a page are
 * parsed. */
#include "base/value.h"
#include "orchestrator/runs/runs_run.h"

enum { DOCUMENT_TABLE_ROWS = 100, DOCUMENT_TABLE_ROWS_MAX = 5000 };

struct document_table {
    const char *path;  /* of the file of the run */
    const char *place; /* "": none; where its artifact has it, with its media */
    const char *sort;  /* a column; "": as it was logged */
    bool descending;
    uint64_t skip, limit;
};

/* {"columns":[…],"total":n,"rows":[[…]],"artifacts":[…]}: of each column, the number of the artifact that has its media, or
 * null. Cells without a value, and NaN, are last in both directions. */
NODISCARD int document_table_make(struct runs *r, struct arena *a, const char *dir,
                                  const struct runs_run *run, const struct document_table *q,
                                  struct value **ret, struct err *err);
