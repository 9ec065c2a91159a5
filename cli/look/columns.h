/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which columns a list of trials has: fields of a trial, parameters and metrics. They are chosen
 * from what view_columns() says of the whole sweep, so that a list of some trials has the columns
 * of the list of all. Pure. */
#include "base/err.h"
#include "base/map.h"
#include "base/value.h"

enum column_of { COLUMN_FIELD, COLUMN_PARAM, COLUMN_METRIC };

struct column {
    enum column_of of;
    const char *name;  /* of the field, the parameter (flattened) or the metric */
    const char *title; /* unlike that of every other column */
    bool pinned;       /* asked for: stays where there is too little room */
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
    const char *named; /* "lr,loss": these alone; NULL: those that tell trials apart */
    const char *sort;  /* the key that the list is sorted by: always a column; may be NULL */
    bool metrics;      /* the last value of every metric too */
};

void columns_init(struct columns *c, struct arena *a, const struct value *known,
                  const char *metric);
void columns_done(struct columns *c);
/* For a table. ERR_USAGE where a name is not known: the error lists the names. */
NODISCARD int columns_choose(struct columns *c, const struct columns_choice *choice,
                             struct err *err);
/* For a file: every field and parameter, each under its own name; the choice's names alone, if it
 * has any. */
NODISCARD int columns_choose_all(struct columns *c, const struct columns_choice *choice,
                                 struct err *err);
/* What a trial has in this column; NULL: nothing. flat: its parameters, flattened. */
const struct value *column_value(const struct column *c, const struct value *trial,
                                 const struct value *flat);

/* What trials can be sorted by, or shown: a list of names. */
const struct value *columns_sort_keys(const struct columns *c);
const struct value *columns_names(const struct columns *c);
/* ERR_USAGE: "what: 'name' is unknown", the nearest of the names, and all of them. */
NODISCARD int columns_unknown(struct err *err, const char *what, const char *name, size_t len,
                              const struct value *names);
/* The key as the view takes it. A title that the table shows serves too. ERR_USAGE, with the keys
 * there are, where it is none of them; a sweep without trials takes every key. */
NODISCARD int columns_sort(const struct columns *c, const char *key, const char **ret,
                           struct err *err);
