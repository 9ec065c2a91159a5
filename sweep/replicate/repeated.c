/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/replicate/repeated.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct result {
    const double *point;
    size_t bytes;
    uint64_t trial;
    double objective;
};

static int by_point(const void *a, const void *b)
{
    const struct result *x = a, *y = b;
    int order = x->bytes > 0 ? memcmp(x->point, y->point, x->bytes) : 0;
    return order ? order : (x->trial > y->trial) - (x->trial < y->trial);
}

static struct repeated_group group_of(const struct result *r, size_t n,
                                      const struct objective_rule *rule)
{
    struct repeated_group g = {
        .trial = r[0].trial, .n = n, .low = r[0].objective, .high = r[0].objective};
    double best = r[0].objective, squares = 0;
    for (size_t i = 0; i < n; i++) {
        double y = r[i].objective;
        g.mean += y / (double)n;
        g.low = fmin(g.low, y);
        g.high = fmax(g.high, y);
        if (objective_is_better(rule, y, best)) {
            best = y;
            g.trial = r[i].trial;
        }
    }
    for (size_t i = 0; i < n; i++)
        squares += (r[i].objective - g.mean) * (r[i].objective - g.mean);
    g.sd = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
    return g;
}

void repeated_find(const struct history *h, uint64_t trial, struct repeated *ret)
{
    size_t n = 0, bytes = h->dims * sizeof *h->points;
    double squares = 0;
    struct repeated_group best = {0};
    struct result *all = mem_alloc((h->n + 1) * sizeof *all);
    *ret = (struct repeated){.sd = NAN};
    for (size_t i = 0; i < h->n; i++)
        if (h->states[i] == TRIAL_FINISHED && isfinite(h->objectives[i]))
            all[n++] = (struct result){h->points + i * h->dims, bytes, i, h->objectives[i]};
    if (n > 0)
        qsort(all, n, sizeof *all, by_point);
    for (size_t from = 0, to; from < n; from = to) {
        bool own = false;
        for (to = from;
             to < n && (bytes == 0 || memcmp(all[from].point, all[to].point, bytes) == 0); to++)
            own = own || all[to].trial == trial;
        struct repeated_group g = group_of(all + from, to - from, &h->rule);
        if (own)
            ret->own = g;
        if (g.n < 2)
            continue;
        ret->n += g.n;
        ret->freedom += g.n - 1;
        squares += g.sd * g.sd * (double)(g.n - 1);
        if (best.n == 0 || objective_is_better(&h->rule, g.mean, best.mean))
            best = g;
    }
    if (ret->freedom > 0)
        ret->sd = sqrt(squares / (double)ret->freedom);
    if (ret->own.n > 1 && objective_is_better(&h->rule, best.mean, ret->own.mean))
        ret->better = best;
    mem_free(all);
}
