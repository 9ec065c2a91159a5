/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Shared by all strategies but grid: converts points of the unit cube to configurations. It discards each
 * point that a condition forbids, so that the accepted ones keep their distribution, and each
 * repeat if the spec allows none. Must not know where the points come from. */
#include "base/err.h"
#include "strategies/urn.h"
#include "language/spec.h"

/* Writes the next point, one coordinate in [0, 1) for each dimension; false if none is left. */
typedef bool (*sampler_next_fn)(void *source, double *point);

struct sampler_passed {
    uint64_t repeats, refused;
};

struct sampler {
    const struct spec *spec;
    uint64_t seed;
    uint64_t next; /* the cursor of the next proposal */
    bool unique;
    bool countable;    /* each parameter has a finite number of values */
    bool counted;      /* unique, and the urn holds the points */
    size_t dims;       /* parameters with more than one value */
    size_t *dimension; /* of each parameter; SIZE_MAX where it has a single value */
    double *point;     /* dims coordinates */
    double *quantiles; /* of each parameter */
    /* space.order, but first the parameters that decide whether a draw is forbidden. */
    size_t *order, asked_n;
    struct value **values;
    struct urn urn;         /* counted */
    struct seen seen;       /* unique and not counted: hashes of what was proposed */
    uint64_t drawn;         /* and the hash of the last draw */
    struct refusal refusal; /* what the conditions refused since the last proposal */
    struct arena scratch;   /* of a draw that may be refused */
    uint64_t draw_work;     /* about what one takes, in nanoseconds */
    uint64_t work_left;     /* for rejected draws; UINT64_MAX: no bound */
};

/* ERR_EMPTY if the conditions are known to leave no point. */
int sampler_init(struct sampler *s, const struct spec *spec, uint64_t seed, struct err *err);
void sampler_done(struct sampler *s);
/* Sets a bound on the total time of rejected draws from now on. */
void sampler_hurry(struct sampler *s);
/* Draws points until one is allowed and new; *ret_passed counts those that were not. ERR_EXHAUSTED
 * when every point of a finite space was drawn, ERR_EMPTY when it gave up, ERR_LIMIT if it gave up
 * because of the bound on its time. Without sampler_keep() or sampler_note() the same draw can come
 * again. */
int sampler_draw(struct sampler *s, sampler_next_fn next, void *source, uint64_t stream,
                 struct arena *a, struct value **ret, struct sampler_passed *ret_passed,
                 struct err *err);
/* Whether the conditions allow the point; ret: its coordinates (dims), NaN where a parameter does not
 * exist. */
bool sampler_allows(struct sampler *s, const double *point, double *ret);
/* Takes that point as the draw; false where it is refused, or was drawn before and is not to be
 * repeated. */
bool sampler_take(struct sampler *s, const double *point, struct arena *a, struct value **ret);
/* Takes note of the last draw, which is proposal `cursor`; of an earlier proposal; or of a
 * configuration that the method did not propose: SAMPLER_NO_CURSOR. */
#define SAMPLER_NO_CURSOR UINT64_MAX
void sampler_keep(struct sampler *s, uint64_t cursor);
void sampler_note(struct sampler *s, uint64_t cursor, const struct value *params);
/* Adds to an explanation what the sampler knows: the size of the space, draws passed over. */
void sampler_explain(const struct sampler *s, struct arena *a, struct value *why,
                     const struct sampler_passed *passed);
uint64_t sampler_total(const struct sampler *s); /* as strategy_total() */
