/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The interface of a strategy: a const descriptor and a state that is only a cache of the books.
 * Each strategy's file defines one; other code uses strategies/strategy.h. */
#include "language/spec.h"
#include "sweep/history.h"

/* Cursors of proposals that the method did not make, from STRATEGY_FOREIGN on: those that somebody
 * enqueued or imported; and, plus its index, a configuration of the spec's `initial`, or one of the
 * best of earlier sweeps. */
#define STRATEGY_FOREIGN ((uint64_t)1 << 61)
#define STRATEGY_ENQUEUED STRATEGY_FOREIGN
#define STRATEGY_INITIAL ((uint64_t)1 << 62)
#define STRATEGY_PRIOR (STRATEGY_INITIAL + ((uint64_t)1 << 61))

struct proposal {
    uint64_t cursor;      /* the strategy's own counter when it made this proposal */
    struct value *params; /* nested, as the script gets them */
    struct value *why;    /* a dict that explains it: {"strategy":"grid","index":17,"points":240} */
};

struct strategy_type {
    const char *name;
    bool learns; /* its proposals depend on results: it is given a history */
    /* Its state begins with a struct sampler, which strategy.c sets up before init, tells of the
     * proposals made before, asks for the total and frees after done; then total is not called, and
     * init, done and replay may be NULL. */
    bool samples;
    size_t state_bytes;
    /* Checks that the space suits it (ERR_SPEC with a sentence where not) and sets up the state;
     * where it fails, done is not called. */
    int (*init)(void *state, const struct spec *spec, uint64_t seed, struct err *err);
    void (*done)(void *state);
    /* 0, ERR_EXHAUSTED at the end of a finite space, ERR_EMPTY where it gave up (then with a
     * text). history: the proposals so far and their results; NULL if the strategy does not learn.
     * The same seed, proposals and columns of history give the same proposal, to the byte. A
     * strategy that learns takes no note of its proposal here: replay() follows if the proposal is
     * used. Others take note of it here. */
    int (*propose)(void *state, const struct history *history, struct arena *a,
                   struct proposal *ret, struct err *err);
    /* Takes note of a proposal made before, in the order in which they were made. */
    void (*replay)(void *state, uint64_t cursor, const struct value *params);
    /* Takes note of a configuration that it did not propose: initial, enqueued, imported. NULL
     * where it need not, besides its sampler. */
    void (*note)(void *state, const struct value *params);
    uint64_t (*total)(const void *state);
};

extern const struct strategy_type strategy_grid, strategy_random, strategy_sobol, strategy_bayes,
    strategy_tpe, strategy_cmaes;
