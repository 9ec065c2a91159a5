/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/rungs.h"

#include <math.h>

#include "base/check.h"
#include "base/mem.h"

void rungs_init(struct rungs *r, const struct spec *spec, enum rungs_score score)
{
    size_t bands = spec->early_terminate.bands_n;
    *r = (struct rungs){.maximize = spec->metric.maximize, .score = score};
    r->bands = mem_alloc(bands * sizeof *r->bands);
    r->rankings = mem_alloc(bands * sizeof *r->rankings);
    map_init(&r->trials);
    for (size_t i = 0; i < bands; i++) {
        uint64_t band = (uint64_t)spec->early_terminate.bands[i];
        if (r->n > 0 && r->bands[r->n - 1] == band) /* an eta near 1 gives one band several times */
            continue;
        ranking_init(&r->rankings[r->n]);
        r->bands[r->n++] = band;
    }
}

void rungs_done(struct rungs *r)
{
    void *trial;
    for (size_t i = 0; i < r->n; i++)
        ranking_done(&r->rankings[i]);
    for (size_t at = 0; map_next(&r->trials, &at, &trial);)
        mem_free(trial);
    map_done(&r->trials);
    mem_free(r->rankings);
    mem_free(r->bands);
    *r = (struct rungs){0};
}

static double rank_key(const struct rungs *r, double value)
{
    return r->maximize ? -value : value;
}

struct rungs_mark *rungs_report(struct rungs *r, uint64_t trial, uint64_t iteration, double value)
{
    PRE(isfinite(value));
    struct rungs_trial *t = map_find(&r->trials, &trial, sizeof trial);
    size_t reached = t ? t->n : 0;
    if (reached == r->n || r->bands[reached] != iteration)
        return NULL;
    t = mem_resize(t, sizeof *t + (reached + 1) * sizeof *t->marks);
    t->n = reached + 1;
    t->sum = reached > 0 ? t->sum + value : value;
    t->marks[reached] = (struct rungs_mark){.value = value};
    map_put(&r->trials, &trial, sizeof trial, t);
    double score = r->score == RUNGS_MEAN ? t->sum / (double)t->n : value;
    ranking_add(&r->rankings[reached], rank_key(r, score));
    return &t->marks[reached];
}

void rungs_forget(struct rungs *r, uint64_t trial)
{
    mem_free(map_remove(&r->trials, &trial, sizeof trial));
}

void rungs_recall(struct rungs *r, uint64_t trial, const double *values, size_t n)
{
    if (n == 0 || n > r->n || rungs_trial(r, trial))
        return;
    struct rungs_trial *t = mem_alloc(sizeof *t + n * sizeof *t->marks);
    t->n = n;
    for (size_t i = 0; i < n; i++) {
        t->marks[i].value = values[i];
        t->sum += values[i];
    }
    map_put(&r->trials, &trial, sizeof trial, t);
}

const struct rungs_trial *rungs_trial(const struct rungs *r, uint64_t trial)
{
    return map_find(&r->trials, &trial, sizeof trial);
}

double rungs_value(const struct rungs *r, size_t rung, uint64_t k)
{
    double value = ranking_at(&r->rankings[rung], (size_t)k - 1);
    return r->maximize ? -value : value;
}

uint64_t rungs_rank(const struct rungs *r, size_t rung, double value)
{
    return 1 + ranking_below(&r->rankings[rung], rank_key(r, value));
}

bool rungs_worse(const struct rungs *r, double value, double than)
{
    return r->maximize ? value < than : value > than;
}
