/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/bayes/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "strategies/model/features.h"

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

void results_init(struct results *r, const struct history *h, const struct spec *spec,
                  const unsigned char *kinds)
{
    double worst = -INFINITY;
    *r = (struct results){.d = h->dims};
    r->x = mem_alloc(2 * h->n * r->d * sizeof *r->x);
    r->waiting = r->x + h->n * r->d;
    r->losses = mem_alloc(h->n * sizeof *r->losses);
    r->trials = mem_alloc(h->n * sizeof *r->trials);
    for (size_t i = 0; i < h->n; i++) {
        const double *point = h->points + i * r->d;
        double loss = h->rule.maximize ? -h->objectives[i] : h->objectives[i];
        enum result_kind kind = result_of(h, i, spec);
        if (kind == RESULT_NONE || !is_of_space(point, r->d, kinds))
            continue;
        if (kind == RESULT_WAITING) {
            memcpy(r->waiting + r->pending++ * r->d, point, r->d * sizeof *point);
            continue;
        }
        if (kind == RESULT_VALUE)
            worst = fmax(worst, loss);
        r->failed += kind == RESULT_WORST;
        r->losses[r->n] = kind == RESULT_VALUE ? loss : NAN;
        r->trials[r->n] = i;
        memcpy(r->x + r->n++ * r->d, point, r->d * sizeof *point);
    }
    for (size_t i = 0; i < r->n; i++)
        if (isnan(r->losses[i]))
            r->losses[i] = isfinite(worst) ? worst : 0;
}

void results_done(struct results *r)
{
    mem_free(r->x);
    mem_free(r->losses);
    mem_free(r->trials);
    *r = (struct results){0};
}

struct keyed {
    double key;
    size_t place;
};

static int compare_keyed(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

void results_rank(const double *keys, size_t n, size_t *ret)
{
    struct keyed *items = mem_alloc(n * sizeof *items);
    for (size_t i = 0; i < n; i++)
        items[i] = (struct keyed){keys[i], i};
    qsort(items, n, sizeof *items, compare_keyed);
    for (size_t i = 0; i < n; i++)
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
