/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which columns a list of trials has: fields of a trial, parameters and metrics. They are chosen
 * by the result of view_columns() for the whole sweep, so that a list of some trials has the same
 * columns as the list of all. Pure. */
#include "base/err.h"
#include "base/map.h"
#include "base/value.h"

enum column_of { COLUMN_FIELD, COLUMN_PARAM, COLUMN_METRIC };

struct column {
    enum column_of of;
    const char *name;  /* of the field, the parameter (flattened) or the metric */
    const char *title; /* unlike that of every other column */
    bool pinned;       /* selected by the user: kept even if there is too little room */
};

struct columns {
    struct arena *arena;
    const struct value *known; /* as view_columns() gives it */
    const char *metric;        /* the sweep's; NULL: none */
    struct column *items;
    size_t n, cap;
    struct map places[3], titles; /* of the items: by name for each column_of, and by title */
};

struct columns_choice {
    const char *named; /* "lr,loss": only these; NULL: those that differ between trials */
    const char *sort;  /* the key that the list is sorted by: always a column; may be NULL */
    bool metrics;      /* the last value of every metric too */
    const struct value *objectives; /* of several the names, whose columns are kept; may be NULL */
};

void columns_init(struct columns *c, struct arena *a, const struct value *known,
                  const char *metric);
void columns_done(struct columns *c);
/* For a table. ERR_USAGE for an unknown name: the error lists the names. */
NODISCARD int columns_choose(struct columns *c, const struct columns_choice *choice,
                             struct err *err);
/* For a file: every field and parameter, each under its own name; the choice's names alone, if it
 * has any. */
NODISCARD int columns_choose_all(struct columns *c, const struct columns_choice *choice,
                                 struct err *err);
/* A trial's value in this column; NULL: none. flat: its parameters, flattened. */
const struct value *column_value(const struct column *c, const struct value *trial,
                                 const struct value *flat);

/* The names by which trials can be sorted, or which can be shown. */
const struct value *columns_sort_keys(const struct columns *c);
const struct value *columns_names(const struct columns *c);
/* The key for the view. A title in the table is accepted too. ERR_USAGE, with the list of keys,
 * for an unknown key; a sweep without trials accepts every key. */
NODISCARD int columns_sort(const struct columns *c, const char *key, const char **ret,
                           struct err *err);
