/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/bayes/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "strategies/model/features.h"

/* Trials are near each other within this part of the cube's diagonal. */
#define NEAR 0.1
/* Pairs that are looked at: of more trials, every second, third, … is. */
enum { PAIRS_MOST = 200000 };

enum result_kind {
    RESULT_NONE, /* says nothing about the point: a user or its host ended the trial */
    RESULT_WAITING,
    RESULT_VALUE,
    RESULT_WORST, /* counts as the worst result of all */
};

static bool is_of_space(const double *x, size_t d, const unsigned char *kinds)
{
    for (size_t j = 0; j < d; j++)
        if (kinds[j] == FEATURE_NUMBER && isnan(x[j]))
            return false;
    return true;
}

static enum result_kind imputed_result(enum spec_impute impute, double objective)
{
    if (impute == SPEC_IMPUTE_WORST || !isfinite(objective))
        return RESULT_WORST;
    return RESULT_VALUE;
}

static enum result_kind result_of(const struct history *h, size_t i, const struct spec *spec)
{
    double objective = h->objectives[i];
    switch ((enum trial_state)h->states[i]) {
    case TRIAL_RUNNING:
        if (spec->metric.impute_while_running == SPEC_IMPUTE_NONE || !isfinite(objective))
            return RESULT_WAITING;
        return imputed_result(spec->metric.impute_while_running, objective);
    case TRIAL_PENDING:
    case TRIAL_PREEMPTED:
        return RESULT_WAITING;
    case TRIAL_FINISHED:
    case TRIAL_STOPPED:
        return isfinite(objective) ? RESULT_VALUE : RESULT_WORST;
    case TRIAL_FAILED:
        return imputed_result(spec->metric.impute, objective);
    default:
        return RESULT_NONE;
    }
}

/* The iterations of a complete trial, as far as is known; 0 if no trial was stopped before them. */
static uint64_t full_iterations(const struct history *h, const struct spec *spec)
{
    uint64_t most = (uint64_t)spec->early_terminate.max_iter, least = UINT64_MAX;
    for (size_t i = 0; i < h->n; i++) {
        uint64_t own = h->iterations[i];
        most = own > most ? own : most;
        if (h->states[i] == TRIAL_STOPPED && own > 0 && own < least)
            least = own;
    }
    return least < most ? most : 0;
}

static bool is_partial(const struct history *h, size_t i)
{
    return h->states[i] == TRIAL_STOPPED || h->states[i] == TRIAL_RUNNING;
}

/* A trial that finished or failed did not come further by any number of reports. */
static void note_reached(struct results *r, const struct history *h, size_t i)
{
    uint64_t own = is_partial(h, i) ? h->iterations[i] : r->full;
    r->partial += own < r->full;
    r->reached[r->n] = own > 0 ? log((double)own) / log((double)r->full) : 0;
}

void results_init(struct results *r, const struct history *h, const struct spec *spec,
                  const unsigned char *kinds)
{
    double worst = -INFINITY;
    *r = (struct results){.d = h->dims};
    r->x = mem_alloc(2 * h->n * r->d * sizeof *r->x);
    r->waiting = r->x + h->n * r->d;
    r->losses = mem_alloc(h->n * sizeof *r->losses);
    r->bad = mem_alloc(h->n * sizeof *r->bad);
    r->trials = mem_alloc(h->n * sizeof *r->trials);
    r->full = full_iterations(h, spec);
    if (r->full > 0)
        r->reached = mem_alloc(h->n * sizeof *r->reached);
    for (size_t i = 0; i < h->n; i++) {
        const double *point = h->points + i * r->d;
        double loss = h->rule.maximize ? -h->objectives[i] : h->objectives[i];
        enum result_kind kind = result_of(h, i, spec);
        if (kind == RESULT_NONE || !is_of_space(point, r->d, kinds))
            continue;
        if (kind == RESULT_WAITING) {
            memcpy(r->waiting + r->pending++ * r->d, point, r->d * sizeof *point);
            if (r->full == 0 || h->states[i] != TRIAL_RUNNING || !isfinite(loss))
                continue;
            kind = RESULT_VALUE;
            r->running++;
        }
        if (r->full > 0)
            note_reached(r, h, i);
        if (kind == RESULT_VALUE)
            worst = fmax(worst, loss);
        r->bad[r->n] = kind == RESULT_WORST;
        r->failed += kind == RESULT_WORST;
        r->losses[r->n] = kind == RESULT_VALUE ? loss : NAN;
        r->trials[r->n] = i;
        memcpy(r->x + r->n++ * r->d, point, r->d * sizeof *point);
    }
    r->worst = isfinite(worst) ? worst : 0;
    for (size_t i = 0; i < r->n; i++)
        if (isnan(r->losses[i]))
            r->losses[i] = r->worst;
}

void results_done(struct results *r)
{
    mem_free(r->x);
    mem_free(r->losses);
    mem_free(r->bad);
    mem_free(r->trials);
    mem_free(r->reached);
    *r = (struct results){0};
}

static double square_distance(const double *x, const double *y, size_t d,
                              const unsigned char *kinds)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++) {
        double apart = features_difference(kinds[j], x[j], y[j]);
        sum += apart * apart;
    }
    return sum;
}

/* A weighted mean (Nadaraya, On estimating regression, 1964) of failures, and of losses. */
static double blended_loss(const struct results *r, size_t i, size_t step,
                           const unsigned char *kinds)
{
    double scale = 2 * NEAR * NEAR * (double)r->d, failed = 1, other = 0, losses = 0;
    for (size_t k = i % step; k < r->n; k += step) {
        if (k == i)
            continue;
        const double *x = r->x + i * r->d, *y = r->x + k * r->d;
        double weight = exp(-square_distance(x, y, r->d, kinds) / scale);
        *(r->bad[k] ? &failed : &other) += weight;
        losses += r->bad[k] ? 0 : weight * r->losses[k];
    }
    double blend = (failed * r->worst + losses) / (failed + other);
    return other > 0 && isfinite(blend) ? blend : r->worst;
}

void results_blend_failed(struct results *r, const unsigned char *kinds)
{
    size_t step = 1 + r->failed * r->n / PAIRS_MOST;
    for (size_t i = 0; i < r->n && r->d > 0; i++)
        if (r->bad[i]) /* only losses of others are read */
            r->losses[i] = blended_loss(r, i, step, kinds);
}

void results_drop_failed(struct results *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (r->bad[i])
            continue;
        memmove(r->x + n * r->d, r->x + i * r->d, r->d * sizeof *r->x);
        r->losses[n] = r->losses[i];
        r->trials[n] = r->trials[i];
        r->bad[n] = false;
        if (r->reached)
            r->reached[n] = r->reached[i];
        n++;
    }
    r->n = n;
    r->failed = 0;
}

struct keyed {
    double first, key;
    size_t place;
};

static int compare_keyed(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->place < y->place) - (x->place > y->place); /* or a search stays on a plateau */
}

void results_rank_reached(const struct results *r, size_t *ret)
{
    struct keyed *items = mem_alloc(r->n * sizeof *items);
    for (size_t i = 0; i < r->n; i++) {
        double missing = r->reached ? 1 - r->reached[i] : 0;
        items[i] = (struct keyed){r->losses[i] < r->worst ? missing : 2, r->losses[i], i};
    }
    qsort(items, r->n, sizeof *items, compare_keyed);
    for (size_t i = 0; i < r->n; i++)
        ret[i] = items[i].place;
    mem_free(items);
}

size_t results_choose(const struct results *r, const size_t *order, size_t most, size_t *ret)
{
    size_t n = 0;
    if (r->n <= most) {
        for (; n < r->n; n++)
            ret[n] = n;
        return n;
    }
    bool *taken = mem_alloc(r->n * sizeof *taken);
    size_t best = most / 2, latest = most / 4;
    for (size_t i = 0; i < best; i++)
        taken[order[i]] = true;
    for (size_t i = r->n - latest; i < r->n; i++)
        taken[i] = true;
    size_t left = 0, wanted = most;
    for (size_t i = 0; i < r->n; i++) {
        left += !taken[i];
        wanted -= taken[i];
    }
    for (size_t i = 0, seen = 0; i < r->n; i++) {
        bool even = !taken[i] && (seen + 1) * wanted / left > seen * wanted / left;
        seen += !taken[i];
        if (taken[i] || even)
            ret[n++] = i;
    }
    mem_free(taken);
    return n;
}
