/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Tables for people: columns aligned by their width on a terminal, cut to fit it. Control
 * characters in cells are removed. Pure; its data lives in an arena. */
#include <stdbool.h>
#include "base/arena.h"
#include "base/buf.h"

enum table_tone { TABLE_PLAIN, TABLE_GOOD, TABLE_BAD, TABLE_BUSY };

enum table_column_flags {
    TABLE_RIGHT = 1,        /* numbers */
    TABLE_SHRINK = 2,       /* its cells may be cut, down to a few columns */
    TABLE_DROP = 4,         /* may be left out altogether, the last such first */
    TABLE_DROP_LATE = 8,    /* only when the others are left out */
    TABLE_SHRINK_LATE = 32, /* its cells may be cut when columns were left out */
    TABLE_KEEP = 16,        /* only when those are left out too; a column without any flag stays */
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
/* Whether it fits into the columns without shortening a name or cell or leaving out a column. */
bool table_is_whole(const struct table *t, size_t columns);
/* Appends the table, no line wider than `columns`: names are cut first, in their middle, then
 * cells that may be, then columns are left out and named in a last line. Names that became equal
 * are printed in full, each on a line of any length. */
void table_print(struct buf *out, const struct table *t, size_t columns, bool colour);
