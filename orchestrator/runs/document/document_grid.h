/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The columns and rows of a wandb.Table as spans of its text: of one file, or of the files of a PartitionedTable or of a
 * table that is logged in increments. Of a JoinedTable it has the names of the two tables alone. */
#include "base/json_span.h"
#include "orchestrator/runs/document/document_work.h"
#include "orchestrator/runs/runs_file.h"

enum { DOCUMENT_GRID_PARTS = 10000 };

struct document_grid {
    struct json_span columns, *rows;
    size_t n, cap;
    int64_t artifact; /* that has the media of the cells; 0: none */
    /* The files of the two tables, and the columns that must be equal; NULL: it is not a JoinedTable. */
    const char *joined[2], *keys[2];
    char **texts; /* that the spans point into */
    size_t files, files_cap;
    uint64_t bytes;
    struct document_work *work;
};

/* Reads it from this file of a run or an artifact. In any case, document_grid_done(). */
NODISCARD int document_grid_read(struct runs *r, struct arena *a, const char *dir,
                                 const struct runs_file *f, struct document_work *w,
                                 struct document_grid *ret, struct err *err);
void document_grid_done(struct document_grid *g);
