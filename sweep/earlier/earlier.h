/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Trials that another tool, or another store, has recorded: one row each, with the rows that cannot
 * be used and why. The readers beside it fill it in from text. Pure. */
#include "base/err.h"
#include "base/value.h"

enum { EARLIER_FAULTS_SHOWN = 10 };

struct earlier_row {
    size_t line;           /* in the file, or the trial's number there */
    struct value *params;  /* a dict, nested or with dotted names */
    struct value *metrics; /* a flat dict of numbers */
    int state;             /* enum trial_state, a final one */
};

struct earlier {
    struct arena *arena;
    struct earlier_row *rows;
    size_t n, cap;
    bool mixed; /* nothing in the file says which names are parameters and which metrics: params
                         * has all of them */
    const char *name;   /* of the study; NULL: none */
    const char *metric; /* its objective; NULL: unknown */
    int maximize;       /* -1: unknown */
    struct earlier_fault {
        size_t line;
        const char *text;
    } faults[EARLIER_FAULTS_SHOWN]; /* the first of them */
    size_t faults_n;
};

/* The arena must outlive it. */
void earlier_init(struct earlier *e, struct arena *a);
void earlier_done(struct earlier *e);
/* Adds a row; ERR_LIMIT beyond LIMIT_IMPORT_ROWS. */
NODISCARD int earlier_add(struct earlier *e, const struct earlier_row *row, struct err *err);
/* Notes a row that cannot be used. */
void earlier_fault(struct earlier *e, size_t line, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The state that a word of W&B, Optuna or besom means; -1: it has not ended, or is unknown. */
int earlier_state(const char *word);
/* The value of text without a type, as YAML reads it; NULL if it is empty. */
struct value *earlier_scalar(struct arena *a, const char *text, size_t len);
/* Whether a column or key describes the run, not its configuration. */
bool earlier_is_about_run(const char *name);

/* Each reads a whole file. ERR_SYNTAX with the line if it is not of that format. study: the one to
 * read; NULL: the only one. */
NODISCARD int earlier_csv_read(struct earlier *e, const char *text, size_t len, struct err *err);
NODISCARD int earlier_json_read(struct earlier *e, const char *text, size_t len, struct err *err);
NODISCARD int earlier_optuna_read(struct earlier *e, const char *text, size_t len,
                                  const char *study, struct err *err);
/* The value of an Optuna parameter: `internal` by its distribution, a JSON text; NULL if that is
 * not one. */
struct value *earlier_optuna_value(struct arena *a, const struct value *internal,
                                   const char *distribution);
