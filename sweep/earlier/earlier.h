/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Trials that another tool, or another store, has recorded. The readers beside it read a text and
 * pass on one trial at a time; what is kept is what concerns the whole file, so that memory does
 * not grow with its trials. Pure. */
#include "base/err.h"
#include "sweep/earlier/earlier_range.h"

enum { EARLIER_SHOWN = 10 };

struct earlier_row {
    size_t line;           /* in the file, or the trial's number there */
    struct value *params;  /* a dict, nested or with dotted names */
    struct value *metrics; /* a flat dict of numbers, infinite ones and NaN among them */
    int state;             /* enum trial_state, a final one */
    bool mixed;            /* nothing says which names are parameters and which metrics: params
                              has all of them */
};

/* Takes a row, which lives in `scratch` until this returns. An error ends the reading. */
typedef int (*earlier_row_fn)(void *arg, struct earlier_row *row, struct err *err);

struct earlier {
    struct arena *arena;
    struct arena scratch; /* of the row that is being read */
    earlier_row_fn on_row;
    void *arg;
    size_t rows;                      /* passed on */
    const char *name;                 /* of the study; NULL: none */
    int maximize;                     /* -1: unknown */
    struct earlier_ranges ranges;     /* empty if the file does not say which values there are */
    const char *notes[EARLIER_SHOWN]; /* about the whole file */
    size_t notes_n;
    struct earlier_fault {
        size_t line;
        const char *text;
    } faults[EARLIER_SHOWN]; /* rows that cannot be used: the first of them */
    size_t faults_n;
};

/* The arena must outlive it. */
void earlier_init(struct earlier *e, struct arena *a, earlier_row_fn on_row, void *arg);
void earlier_done(struct earlier *e);
/* Passes on a row; ERR_LIMIT beyond LIMIT_IMPORT_ROWS. */
NODISCARD int earlier_give(struct earlier *e, struct earlier_row *row, struct err *err);
/* Notes a row that cannot be used. */
void earlier_fault(struct earlier *e, size_t line, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Notes what holds for the whole file. */
void earlier_note(struct earlier *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The next line from *at on, without its end; false after the last. */
bool earlier_line(const char **at, const char *end, const char **ret, size_t *ret_len);
/* A JSON text of one row, in `scratch`, which is cleared; NULL, and noted, if it is too long or not
 * JSON. */
struct value *earlier_json(struct earlier *e, const char *text, size_t len, size_t line);
/* The state that a word of W&B, Optuna or besom means; -1: it has not ended, or is unknown. */
int earlier_state(const char *word);
/* The value of text without a type, as YAML reads it; NULL if it is empty. */
struct value *earlier_scalar(struct arena *a, const char *text, size_t len);
/* The number that v is, or that it names as inf or nan; NULL if it is none. */
const struct value *earlier_number(struct arena *a, const struct value *v);
/* Whether a column or key describes the run, not its configuration. */
bool earlier_is_about_run(const char *name);

/* Each reads a whole file. ERR_SYNTAX with the line if it is not of that format. study: the one to
 * read; NULL: the only one. */
NODISCARD int earlier_csv_read(struct earlier *e, const char *text, size_t len, struct err *err);
NODISCARD int earlier_json_read(struct earlier *e, const char *text, size_t len, struct err *err);
NODISCARD int earlier_optuna_read(struct earlier *e, const char *text, size_t len,
                                  const char *study, struct err *err);
