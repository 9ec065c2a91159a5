/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Tables for people: columns aligned by what they take on a terminal, cut to fit it. Cells are
 * cleaned of what a terminal would obey. Pure; what it is given lives in an arena. */
#include "base/arena.h"
#include "base/buf.h"

enum table_tone { TABLE_PLAIN, TABLE_GOOD, TABLE_BAD, TABLE_BUSY };

enum table_column_flags {
    TABLE_RIGHT = 1,     /* numbers */
    TABLE_SHRINK = 2,    /* may be cut, down to a few columns */
    TABLE_DROP = 4,      /* may be left out altogether, the last such first */
    TABLE_DROP_LATE = 8, /* only when the others are gone */
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
/* Appends the table, no line wider than `columns`. What was left out is named in a last line. */
void table_print(struct buf *out, const struct table *t, size_t columns, bool colour);
