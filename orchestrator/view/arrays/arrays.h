/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Columns of values in memory. Must not know where they come from. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/value.h"

struct array {
    const char *name;
    struct value *cells; /* VALUE_NULL: no value */
    size_t cap;          /* cells beyond it have no value */
    bool shown, there;   /* it is to be printed; it is in the list */
};

struct arrays {
    struct arena arena;  /* of names, and of texts in cells */
    bool all, show_all;  /* every column is wanted, and shown; else those in `names` */
    struct map names;    /* name -> struct array * */
    struct array **list; /* the columns that there are, in the order in which they came */
    size_t n, cap;
    uint64_t *ids; /* of the rows */
    size_t rows, ids_cap, cells;
};

/* cols: names of the columns to show, with commas between; NULL: all. */
void arrays_init(struct arrays *a, const char *cols);
void arrays_done(struct arrays *a);
/* Wants one more column, or all, without showing them. */
void arrays_want(struct arrays *a, const char *name);
void arrays_want_all(struct arrays *a);
bool arrays_wants(const struct arrays *a, const char *name);
bool arrays_wants_any(const struct arrays *a, const char *prefix); /* whose names begin so */

/* The column of that name, which is now there; NULL: it is not wanted. */
struct array *arrays_column(struct arrays *a, const char *name);
/* Sets a cell. column: NULL of one that is not wanted. v: what it refers to is in `arena`. */
void arrays_set(struct arrays *a, struct array *column, size_t row, struct value v);
/* The cell of a row; NULL: it has no value. */
const struct value *arrays_cell(const struct array *column, size_t row);
/* The place of a column in the list; SIZE_MAX: there is none of that name. */
size_t arrays_find(const struct arrays *a, const char *name);
/* Leaves the rows for which `wanted` is set. */
void arrays_keep(struct arrays *a, const bool *wanted);
/* Appends the columns to show, with commas between: view_arrays.h. */
void arrays_print(const struct arrays *a, struct buf *out);
