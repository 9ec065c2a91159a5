/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/reduce.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/objective.h"

#define MEAN "mean-"

int reduce_parse(const char *text, struct reduce *ret, struct err *err)
{
    static const char *const names[] = {
        [REDUCE_BEST] = "best", [REDUCE_LAST] = "last", [REDUCE_FIRST] = "first"};
    const char *digits = text + strlen(MEAN);
    for (int i = 0; i < REDUCE_MEAN; i++)
        if (strcmp(text, names[i]) == 0) {
            *ret = (struct reduce){.kind = (enum reduce_kind)i};
            return 0;
        }
    if (strncmp(text, MEAN, strlen(MEAN)) == 0 && *digits >= '1' && *digits <= '9' &&
        strlen(digits) <= 6) {
        char *end;
        unsigned long n = strtoul(digits, &end, 10);
        *ret = (struct reduce){.kind = REDUCE_MEAN, .n = n};
        if (*end == '\0' && n <= REDUCE_LAST_MAX)
            return 0;
    }
    return err_set(err, ERR_USAGE,
                   "reduce=%.40s: write best, last, first, or mean-5 for the mean of the last 5",
                   text);
}

static double samples_best(const struct curve_sample *s, size_t n, bool maximize)
{
    const struct objective_rule rule = {.maximize = maximize};
    double best = s[0].y;
    for (size_t i = 1; i < n; i++)
        best = objective_is_better(&rule, s[i].y, best) ? s[i].y : best;
    return best;
}

static double samples_mean(const struct curve_sample *s, size_t n)
{
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += s[i].y / (double)n;
    return mean;
}

double reduce_curve(const struct reduce *r, const struct curve *c, bool maximize)
{
    size_t first = c->n;
    while (first > 0 && c->items[first - 1].attempt == c->items[c->n - 1].attempt)
        first--;
    const struct curve_sample *own = c->items + first;
    size_t n = c->n - first, last = r->n < n ? r->n : n;
    if (n == 0)
        return NAN;
    switch (r->kind) {
    case REDUCE_BEST:
        return samples_best(own, n, maximize);
    case REDUCE_LAST:
        return own[n - 1].y;
    case REDUCE_FIRST:
        return own[0].y;
    case REDUCE_MEAN:
        return samples_mean(own + n - last, last);
    }
    return NAN;
}
