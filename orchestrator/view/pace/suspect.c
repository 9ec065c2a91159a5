/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/suspect.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/number/cell.h"

/* Most with it fail so, and few without it; and less than one time in twenty would chance alone show any such
 * value of any parameter. */
#define SHARE_WITH (2.0 / 3)
#define SHARE_WITHOUT 0.1
#define CHANCE_MAX 0.05

struct suspect_value {
    const struct value *value;
    uint64_t hash, ended, failed[CAUSES_MAX];
};

struct suspect_parameter {
    const char *name;
    struct suspect_value *values[SUSPECT_VALUES];
    size_t n;
    bool many;
};

void suspect_init(struct suspect *t)
{
    *t = (struct suspect){0};
    arena_init(&t->arena);
    map_init(&t->parameters);
}

void suspect_done(struct suspect *t)
{
    map_done(&t->parameters);
    arena_done(&t->arena);
}

static struct suspect_parameter *parameter_get(struct suspect *t, const char *name)
{
    struct suspect_parameter *p = map_find(&t->parameters, name, strlen(name));
    if (!p) {
        p = arena_alloc(&t->arena, sizeof *p);
        p->name = arena_strdup(&t->arena, name);
        map_put(&t->parameters, name, strlen(name), p);
    }
    return p;
}

static struct suspect_value *value_find(const struct suspect_parameter *p, const struct value *v,
                                        uint64_t hash)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->values[i]->hash == hash && value_same(p->values[i]->value, v))
            return p->values[i];
    return NULL;
}

static void value_count(struct suspect *t, const char *name, const struct value *v, int cause)
{
    struct suspect_parameter *p = parameter_get(t, name);
    uint64_t hash = value_hash(v);
    struct suspect_value *one = p->many ? NULL : value_find(p, v, hash);
    if (p->many || (!one && p->n == SUSPECT_VALUES)) {
        p->many = true;
        return;
    }
    if (!one) {
        one = p->values[p->n++] = arena_alloc(&t->arena, sizeof *one);
        one->value = value_copy(&t->arena, v);
        one->hash = hash;
    }
    one->ended++;
    if (cause >= 0)
        one->failed[cause]++;
}

void suspect_add(struct suspect *t, const struct value *params, int cause)
{
    struct arena a;
    arena_init(&a);
    const struct value *flat = value_flatten(&a, params);
    for (size_t i = 0; i < flat->dict.n; i++)
        value_count(t, flat->dict.entries[i].key, flat->dict.entries[i].value, cause);
    arena_done(&a);
    t->ended++;
    if (cause >= 0)
        t->failed[cause]++;
}

static double log_choose(uint64_t n, uint64_t k)
{
    return lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1);
}

/* Fisher's exact test, one-sided: that of `with` trials drawn from all, at least with_failed would be among those
 * that failed so. Each term follows from the one before; of a clear finding they shrink, and the sum ends where
 * they add nothing. */
static double finding_chance(const struct suspect_finding *f)
{
    double with = (double)f->with, k = (double)f->with_failed;
    uint64_t all = f->with + f->without, failed = f->with_failed + f->without_failed;
    double well = (double)(all - failed), sum = 0;
    double term =
        exp(log_choose(failed, f->with_failed) +
            log_choose(all - failed, f->with - f->with_failed) - log_choose(all, f->with));
    for (; term > sum * 1e-12; k++) {
        sum += term;
        term *= ((double)failed - k) * (with - k) / ((k + 1) * (well - with + k + 1));
    }
    return sum;
}

static bool finding_is_clear(const struct suspect_finding *f)
{
    return f->with_failed > 0 && f->without > 0 &&
           (double)f->with_failed >= SHARE_WITH * (double)f->with &&
           (double)f->without_failed <= SHARE_WITHOUT * (double)f->without;
}

static bool value_fits(const struct value *v, const struct value *limit, int how)
{
    if (how == SUSPECT_IS)
        return value_same(v, limit);
    if (!value_is_number(v))
        return false;
    return how == SUSPECT_FROM ? value_number(v) >= value_number(limit)
                               : value_number(v) <= value_number(limit);
}

static struct suspect_finding finding_of(const struct suspect *t, const struct suspect_parameter *p,
                                         const struct value *limit, int how, int cause)
{
    struct suspect_finding f = {.name = p->name, .value = limit, .how = how, .newest = t->newest};
    for (size_t i = 0; i < p->n; i++) {
        if (!value_fits(p->values[i]->value, limit, how))
            continue;
        f.with += p->values[i]->ended;
        f.with_failed += p->values[i]->failed[cause];
    }
    f.without = t->ended - f.with;
    f.without_failed = t->failed[cause] - f.with_failed;
    return f;
}

/* Those that a trial with the value `mine` has. Returns how many were looked at. */
static size_t parameter_find(const struct suspect *t, const struct suspect_parameter *p,
                             const struct value *mine, int cause, double *least,
                             struct suspect_finding *best)
{
    size_t tried = 0;
    for (size_t i = 0; i < p->n; i++) {
        const struct value *limit = p->values[i]->value;
        for (int how = SUSPECT_IS; how <= (value_is_number(limit) ? SUSPECT_UP_TO : SUSPECT_IS);
             how++) {
            tried++;
            if (!value_fits(mine, limit, how))
                continue;
            struct suspect_finding f = finding_of(t, p, limit, how, cause);
            double chance = finding_is_clear(&f) ? finding_chance(&f) : 1;
            if (chance < *least * (1 - 1e-9)) {
                *least = chance;
                *best = f;
            }
        }
    }
    return tried;
}

bool suspect_find(const struct suspect *t, const struct value *params, int cause,
                  struct suspect_finding *ret)
{
    struct arena a;
    size_t tried = 0;
    double least = CHANCE_MAX;
    arena_init(&a);
    const struct value *flat = value_flatten(&a, params);
    for (size_t i = 0; cause >= 0 && i < flat->dict.n; i++) {
        const char *name = flat->dict.entries[i].key;
        const struct suspect_parameter *p = map_find(&t->parameters, name, strlen(name));
        if (p && !p->many)
            tried += parameter_find(t, p, flat->dict.entries[i].value, cause, &least, ret);
    }
    arena_done(&a);
    return tried > 0 && least * (double)tried < CHANCE_MAX;
}

const char *suspect_name(struct arena *a, const struct suspect_finding *f)
{
    static const char *const signs[] = {
        [SUSPECT_IS] = "=", [SUSPECT_FROM] = "≥", [SUSPECT_UP_TO] = "≤"};
    return arena_printf(a, "%s%s%s", f->name, signs[f->how],
                        cell_rounded(a, f->value, CELL_DIGITS_NARROW));
}

const char *suspect_text(struct arena *a, const struct suspect_finding *f, const char *did)
{
    const char *name = suspect_name(a, f), *trials = "trials ", *newest = "";
    if (f->newest) {
        newest = arena_printf(a, "of the newest %" PRIu64 " trials, ", f->with + f->without);
        trials = "";
    }
    return arena_printf(a,
                        "%s: %s%" PRIu64 " of %" PRIu64 " %swith it %s this way, %" PRIu64
                        " of %" PRIu64 " without",
                        name, newest, f->with_failed, f->with, trials, did, f->without_failed,
                        f->without);
}
