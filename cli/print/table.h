/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Tables for people: columns aligned by what they take on a terminal, cut to fit it. Cells are
 * cleaned of what a terminal would obey. Pure; what it is given lives in an arena. */
#include <stdbool.h>
#include "base/arena.h"
#include "base/buf.h"

enum table_tone { TABLE_PLAIN, TABLE_GOOD, TABLE_BAD, TABLE_BUSY };

enum table_column_flags {
    TABLE_RIGHT = 1,     /* numbers */
    TABLE_SHRINK = 2,    /* its cells may be cut, down to a few columns */
    TABLE_DROP = 4,      /* may be left out altogether, the last such first */
    TABLE_DROP_LATE = 8, /* only when the others are gone */
    TABLE_KEEP = 16,     /* only when those are gone too; a column without any stays */
};

struct table_column;
struct table_cell;
struct table {
    struct arena *arena;
    struct table_column *columns;
    size_t n_columns, columns_cap;
    struct table_cell *cells; /* row by row */
    size_t n_cells, cells_cap;
};

void table_init(struct table *t, struct arena *a);
void table_done(struct table *t);
/* All columns before the first cell. */
void table_column(struct table *t, const char *title, unsigned flags);
/* The next cell, left to right and then down; NULL is an empty one. */
void table_cell(struct table *t, const char *text, enum table_tone tone);
/* Whether it fits the columns with no name or cell cut and no column left out. */
bool table_is_whole(const struct table *t, size_t columns);
/* Appends the table, no line wider than `columns`: names are cut first, in their middle, then cells
 * that may be, then columns are left out and named in a last line. Names that were cut alike are
 * told in full, each in a line as long as it takes. */
void table_print(struct buf *out, const struct table *t, size_t columns, bool colour);
