/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/chance.h"

#include <inttypes.h>
#include <math.h>

#include "base/mem.h"

void chance_past_done(struct chance_past *past)
{
    mem_free(past->bests);
}

void chance_past_add(struct chance_past *past, bool maximize, double objective)
{
    double value = maximize ? -objective : objective;
    past->results++;
    if (!isfinite(value) || (past->n > 0 && value >= past->best))
        return;
    past->best = value;
    past->bests = mem_grow(past->bests, &past->cap, past->n + 1, sizeof *past->bests);
    past->bests[past->n++] = past->results;
}

/* New bests among the results (from, to]. */
static uint64_t bests_within(const struct chance_past *past, uint64_t from, uint64_t to)
{
    uint64_t n = 0;
    for (size_t i = past->n; i > 0 && past->bests[i - 1] > from; i--)
        n += past->bests[i - 1] <= to;
    return n;
}

/* As it was after n results. New bests at a rate of a/t: the later half exposes `a` for log(n/half), the next m results for
 * log((n+m)/n). With k new bests in the later half and Jeffreys' prior, `a` is distributed as Gamma(k + 1/2, log(n/half)),
 * and the chance of no new best is the mean of exp(-a log((n+m)/n)). */
static double learns_chance(const struct chance_past *past, uint64_t n, uint64_t m)
{
    double half = (double)(n / 2);
    double none = log((double)n / half) / log((double)(n + m) / half);
    return 1 - pow(none, (double)bests_within(past, n / 2, n) + 0.5);
}

/* A forecast each quarter of what it looks ahead: closer ones would be decided by the same trials. */
static void forecasts_judge(const struct chance_past *past, struct chance *c)
{
    uint64_t step = (c->next + 3) / 4;
    if (past->results < c->next)
        return;
    for (uint64_t n = past->results - c->next;
         n >= CHANCE_LEARNS_MIN && c->forecasts < CHANCE_FORECASTS_MAX; n -= step) {
        bool said = learns_chance(past, n, c->next) >= 0.5;
        c->forecasts++;
        c->held += said == (bests_within(past, n, n + c->next) > 0);
        if (n < step)
            break;
    }
}

bool chance_find(const struct chance_past *past, bool alike, uint64_t total, uint64_t ended,
                 struct chance *ret)
{
    uint64_t left = total == 0 ? CHANCE_NEXT : total > ended ? total - ended : 0;
    uint64_t n = past->results, next = left < CHANCE_NEXT ? left : CHANCE_NEXT;
    *ret = (struct chance){.next = next, .results = n, .alike = alike};
    if (past->n == 0 || next == 0 || n < (alike ? CHANCE_ALIKE_MIN : CHANCE_LEARNS_MIN))
        return false;
    ret->percent = (int)lround(
        100 * (alike ? (double)next / (double)(n + next) : learns_chance(past, n, next)));
    if (!alike)
        forecasts_judge(past, ret);
    return true;
}

const char *chance_text(struct arena *a, const struct chance *c)
{
    if (c->next == 1)
        return arena_printf(a, "next trial: %d %% for a new best", c->percent);
    return arena_printf(a, "next %" PRIu64 " trials: %d %% for a new best", c->next, c->percent);
}

/* Of this few forecasts, all may fail by chance. */
enum { JUDGED_MIN = 5 };

static const char *record_warning(const struct chance *c)
{
    return c->forecasts >= JUDGED_MIN && 2 * c->held <= c->forecasts ? ", no better than a guess"
                                                                     : "";
}

const char *chance_record(struct arena *a, const struct chance *c)
{
    if (c->alike)
        return NULL;
    if (c->forecasts == 0)
        return "no earlier forecast to judge by";
    return c->forecasts == 1 ? arena_printf(a, "its last forecast %s", c->held ? "held" : "failed")
                             : arena_printf(a, "%u of its last %u forecasts held%s", c->held,
                                            c->forecasts, record_warning(c));
}

const char *chance_brief(struct arena *a, const struct chance *c)
{
    return c->alike ? NULL
           : c->forecasts == 0
               ? "untested"
               : arena_printf(a, "%u of %u held%s", c->held, c->forecasts, record_warning(c));
}

const char *chance_basis(struct arena *a, const struct chance *c)
{
    if (c->alike)
        return arena_printf(a,
                            "%" PRIu64 " of %" PRIu64
                            ": trials are drawn independently of their results, so the best of "
                            "all is as likely any of them",
                            c->next, c->results + c->next);
    return arena_printf(a,
                        "by how many new bests the later half of %" PRIu64
                        " results had; a forecast held if it said 50 %% or more and a new best "
                        "came, or less and none came",
                        c->results);
}
