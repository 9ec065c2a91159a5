/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The configurations that a sweep begins with, before its method proposes: those of `initial` in
 * the spec, each once, and the best of earlier sweeps. Knows no method. */
#include "base/err.h"
#include "strategies/earlier/prior.h"
#include "strategies/seen.h"
#include "strategies/strategy_type.h"

struct starts {
    const struct spec *spec;
    uint64_t seed;
    size_t next; /* the first of `initial` that was not proposed */
    struct seen
        tried; /* hashes of all configurations so far, if there is an `initial` or a prior */
    const struct prior *prior; /* NULL: none; not owned */
    size_t next_prior;         /* the first of its best points that was not proposed */
};

/* spec must outlive it. */
void starts_init(struct starts *s, const struct spec *spec, uint64_t seed);
void starts_done(struct starts *s);
/* The next one: as propose() of a strategy. ERR_EXHAUSTED, without a text, if none is left. */
NODISCARD int starts_propose(struct starts *s, struct arena *a, struct proposal *ret,
                             struct err *err);
/* Takes note of any proposal. */
void starts_note(struct starts *s, uint64_t cursor, const struct value *params);
