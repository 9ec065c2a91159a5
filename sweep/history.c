/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/history.h"

#include <math.h>

#include "base/check.h"
#include "base/mem.h"

void history_init(struct history *h, const struct space *space, const struct objective_rule *rule)
{
    *h = (struct history){.rule = *rule};
    coordinates_init(&h->coordinates, space);
    h->dims = h->coordinates.n;
}

void history_done(struct history *h)
{
    coordinates_done(&h->coordinates);
    mem_free(h->points);
    mem_free(h->states);
    mem_free(h->objectives);
    mem_free(h->others);
    mem_free(h->iterations);
    mem_free(h->costs);
    *h = (struct history){0};
}

static void history_grow(struct history *h)
{
    if (h->n < h->cap)
        return;
    h->cap = h->cap ? 2 * h->cap : 64;
    h->points = mem_resize(h->points, h->cap * h->dims * sizeof *h->points);
    h->states = mem_resize(h->states, h->cap * sizeof *h->states);
    h->objectives = mem_resize(h->objectives, h->cap * sizeof *h->objectives);
    h->others = mem_resize(h->others, (h->cap * h->rule.others_n + 1) * sizeof *h->others);
    h->iterations = mem_resize(h->iterations, h->cap * sizeof *h->iterations);
    h->costs = mem_resize(h->costs, h->cap * sizeof *h->costs);
}

void history_add(struct history *h, const struct value *params)
{
    history_grow(h);
    coordinates_of(&h->coordinates, params, h->points + h->n * h->dims);
    h->n++;
    history_set(h, h->n - 1,
                &(struct history_fate){TRIAL_PENDING, .objective = NAN, .others = {NAN, NAN, NAN}});
}

void history_set(struct history *h, uint64_t number, const struct history_fate *fate)
{
    PRE(number < h->n);
    h->states[number] = (unsigned char)fate->state;
    h->objectives[number] = fate->objective;
    h->iterations[number] = fate->iterations;
    h->costs[number] = fate->cost_s;
    for (size_t k = 0; k < h->rule.others_n; k++)
        h->others[number * h->rule.others_n + k] = fate->others[k];
}
