/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Rows of a wandb.Table, sorted and in pages, also of two that are joined. Files are read as text; only the rows of a page are
 * parsed. */
#include "base/json.h"
#include "orchestrator/runs/document/document_work.h"
#include "orchestrator/runs/runs_run.h"

enum { DOCUMENT_TABLE_ROWS = 100, DOCUMENT_TABLE_ROWS_MAX = 5000 };

struct document_table {
    const char *path;  /* of the file of the run */
    const char *place; /* "": none; where its artifact has it, with its media */
    const char *sort;  /* a column; "": as it was logged */
    bool descending;
    uint64_t skip, limit;
};

/* {"columns":[…],"total":n,"rows":[[…]],"next":n,"artifacts":[…]}. "next": the `skip` of what follows, or null; the rows end
 * early where they would be more than LIMIT_RUNS_TABLE_PAGE_BYTES. "artifacts": of each column, the number of the one that has
 * its media, or null. Cells without a value, and NaN, are last in both directions. */
NODISCARD int document_table_write(struct runs *r, struct arena *a, const char *dir,
                                   const struct runs_run *run, const struct document_table *q,
                                   struct document_work *w, struct buf *out, enum json_style style,
                                   struct err *err);
