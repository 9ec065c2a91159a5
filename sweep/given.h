/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Configurations that people write: values of some or all parameters, under nested or dotted names.
 * Checks them against a space. Knows no text format, and not why the values were written. */
#include "base/err.h"
#include "base/map.h"
#include "sweep/space.h"

struct given {
    const struct space *space;
    bool grid;        /* values must be those of the grid over the space */
    struct map names; /* full name -> 1 + index into parameters */
};

struct given_fault {
    const struct value *at; /* the value at fault, as it was passed in */
    const char *name;       /* its full name */
    bool unknown;           /* no parameter has this name */
    const char *text;       /* one sentence, which names the parameter */
    const char *instead;    /* the name to write instead, or NULL */
};

typedef void (*given_fault_fn)(void *arg, const struct given_fault *fault);

/* space must outlive it. */
void given_init(struct given *g, const struct space *space, bool grid);
void given_done(struct given *g);
/* Reads a dict. values: room for space->n; each becomes the value as the space has it (an integer
 * where it takes integers, the listed value that is the same), or NULL if it is not given or at
 * fault. Returns how many faults there were; calls fn for each. */
size_t given_read(const struct given *g, struct arena *a, const struct value *params,
                  struct value **values, given_fault_fn fn, void *arg);
/* The first fault as an error: its text. */
NODISCARD int given_read_or_fail(const struct given *g, struct arena *a, const struct value *params,
                                 struct value **values, struct err *err);
