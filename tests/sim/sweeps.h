/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The sweeps of a story: what the seed draws of each, and its spec as the reader that ships reads it.
 * Says what is wanted; must not know how a sweep fares. */
#include "base/buf.h"
#include "language/spec.h"
#include "strategies/strategy.h"
#include "tests/sim/sim.h"

enum { SWEEP_TRIALS_MAX = 128 };

struct sweep {
    int index;
    char id[8];
    enum spec_method method;
    bool learns;       /* its strategy is the simulator's own, which reads all of the history */
    int64_t create_ms; /* when it is asked for; 0: it is there from the start */
    int run_cap, max_parallel, retry_failed, retry_host, time_s, priority;
    int wall_s; /* budget.wall; 0: none */
    int gpus;   /* resources: -1: not named; as of those that follow 0 */
    int cpus, memory_gib;
    int gpu_s; /* budget.gpu_hours, in seconds */
    bool label;
    double weight;
    bool has_target, maximize, stop_early;
    bool capture; /* training reports on stdout too */
    struct spec *spec;
};

void sweeps_init(struct sim *s);
void sweeps_done(struct sim *s);
void sweeps_print(struct buf *out, const struct sim *s);
struct sweep *sweeps_find(const struct sim *s, const char *id); /* NULL if none */
struct strategy *sweeps_strategy(const struct sweep *w);        /* a new one */
