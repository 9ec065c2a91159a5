/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/replicate/replicate.h"

#include <string.h>
#include <strings.h>

static bool word_is(const char *word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(word, words[i]) == 0)
            return true;
    return false;
}

bool replicate_is_seed(const char *name)
{
    static const char *const ends[] = {"seed", "seeds"};
    static const char *const words[] = {"random_state", "repetition", "replicate"};
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (len >= strlen(ends[i]) && strcasecmp(name + len - strlen(ends[i]), ends[i]) == 0)
            return true;
    for (const char *at = name; at; at = strpbrk(at, "._-"), at = at ? at + 1 : NULL)
        if (word_is(at, words, sizeof words / sizeof *words))
            return true;
    return false;
}

static bool is_chosen(const struct parameter *p)
{
    return p->kind != SPACE_CONSTANT && p->kind != SPACE_EXPR;
}

void replicate_init(struct replicate *r, struct arena *a, const struct space *space,
                    const struct value *params)
{
    *r = (struct replicate){.space = space, .a = a, .seed = space->n, .used = value_list(a)};
    r->values = arena_alloc(a, (space->n + 1) * sizeof *r->values);
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        const struct value *v = space_lookup(params, p);
        r->values[i] = v ? value_copy(a, v) : NULL;
        if (r->seed == space->n && v && is_chosen(p) && replicate_is_seed(p->name))
            r->seed = i;
    }
}

void replicate_see(struct replicate *r, const struct value *params)
{
    if (r->seed == r->space->n)
        return;
    for (size_t i = 0; i < r->space->n; i++) {
        const struct parameter *p = &r->space->parameters[i];
        const struct value *v = space_lookup(params, p);
        if (i != r->seed && p->kind != SPACE_EXPR && (v == NULL) != (r->values[i] == NULL))
            return;
        if (i != r->seed && p->kind != SPACE_EXPR && v && !value_same(v, r->values[i]))
            return;
    }
    const struct value *seed = space_lookup(params, &r->space->parameters[r->seed]);
    if (seed)
        value_push(r->a, r->used, value_copy(r->a, seed));
}

static bool is_used(const struct replicate *r, const struct value *seed)
{
    for (size_t i = 0; i < r->used->list.n; i++)
        if (value_same(r->used->list.items[i], seed))
            return true;
    return false;
}

/* Without the seed where that is to be drawn. */
static struct value *configuration_of(const struct replicate *r, struct value *seed)
{
    struct value *v = value_dict(r->a);
    for (size_t i = 0; i < r->space->n; i++) {
        struct value *of = i == r->seed ? seed : r->values[i];
        if (of && is_chosen(&r->space->parameters[i]))
            value_put(r->a, v, r->space->parameters[i].name, value_copy(r->a, of));
    }
    return v;
}

int replicate_make(struct replicate *r, size_t times, const struct value ***ret, size_t *ret_left,
                   struct err *err)
{
    const struct value **all = arena_alloc(r->a, (times + 1) * sizeof *all);
    const struct parameter *p = r->seed < r->space->n ? &r->space->parameters[r->seed] : NULL;
    uint64_t points = p && space_grid_allows(p) ? space_grid_points(p) : 0, at = 0;
    for (size_t i = 0; i < times; i++) {
        struct value *seed = NULL;
        for (; points > 0 && at < points && !seed; at++) {
            struct value *next = space_grid_value(r->a, p, at);
            seed = is_used(r, next) ? NULL : next;
        }
        if (points > 0 && !seed) {
            *ret_left = i;
            return err_set(err, ERR_STATE,
                           "only %zu other values of %s are left for this configuration: its space "
                           "has %llu",
                           i, p->name, (unsigned long long)points);
        }
        all[i] = configuration_of(r, seed);
    }
    *ret = all;
    return 0;
}
