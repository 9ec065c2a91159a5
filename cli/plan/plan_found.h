/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The results of `besom plan`, before they are printed for a person or as JSON: what `besom run`
 * would do here and now, without doing it. */
#include <limits.h>
#include "cli/plan/plan_cost.h"
#include "language/spec.h"

struct plan_sample {
    struct value *params;     /* nested, as the script gets them */
    const struct value *argv; /* NULL if there is nothing to execute */
};

struct plan {
    struct arena arena;
    const char *file;
    struct spec *spec;
    uint64_t seed;
    bool seed_given; /* by the spec or --seed: else besom run draws one */
    bool stand_in;   /* samples are drawn at random: the method is a program */
    uint64_t points; /* distinct ones; 0: not countable, UINT64_MAX: more than that */
    uint64_t total;  /* trials at most; 0: no end */
    uint64_t at_once;
    const struct value *grant; /* of the first slot; NULL: it has no GPU */
    const char *no_gpus; /* why the trials cannot have the GPUs that they need; NULL: they can */
    char store[PATH_MAX], bin[PATH_MAX], workdir[PATH_MAX];
    bool store_new;
    struct value *refused; /* list of texts: why `besom run` would not begin */
    bool wrong;            /* not all of that is for want of support */
    struct plan_sample *samples;
    size_t n_samples;
    const char *cut;         /* why there are no more; NULL: as many as were asked for, or all */
    const struct value *env; /* of trial 0, over what is inherited */
    struct plan_cost cost;
};

/* Trial i of the sweep as a command for a POSIX shell; "" if there is nothing to execute. */
const char *plan_shell(struct arena *a, const struct value *argv);
/* Distinct values of a parameter; 0 if there are infinitely many, and for a computed one. */
uint64_t plan_points(const struct parameter *p);
/* Seconds for all trials; below 0 if unknown. */
double plan_seconds(const struct plan *p);
/* Whether all trials end by themselves. */
bool plan_ends(const struct plan *p);
