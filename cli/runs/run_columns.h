/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which columns a list of runs has: fields of a run, its configuration and its summary, both flattened. Pure. */
#include "base/err.h"
#include "base/value.h"

enum run_column_of { RUN_COLUMN_FIELD, RUN_COLUMN_CONFIG, RUN_COLUMN_SUMMARY };

struct run_column {
    enum run_column_of of;
    const char *name;  /* of the field, or the flattened one */
    const char *title; /* unlike that of every other column */
    bool pinned;       /* the user named it */
};

struct run_columns {
    struct arena *arena;
    const struct value *runs; /* as runs_answer() gives them */
    struct value *flat[3];    /* of each run its fields, configuration and summary, as dicts */
    struct run_column *items;
    size_t n, cap;
};

void run_columns_init(struct run_columns *c, struct arena *a, const struct value *runs);
void run_columns_done(struct run_columns *c);
/* For a table: those of the configuration that differ between the runs, and the numbers of the summary. */
void run_columns_choose(struct run_columns *c);
/* The columns of the CSV of W&B's page. */
void run_columns_choose_all(struct run_columns *c);
/* "lr,loss,state": only these; `config.` and `summary.` say of which part. ERR_USAGE lists the names. */
NODISCARD int run_columns_named(struct run_columns *c, const char *names, struct err *err);
/* A value of the i-th run; NULL: none. */
const struct value *run_columns_value(const struct run_columns *c, const struct run_column *column,
                                      size_t i);
