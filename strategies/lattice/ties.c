/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/lattice/ties.h"

#include "base/mem.h"

static void ties_need(struct ties *t, size_t i, size_t at)
{
    if (t->until[i] < at)
        t->until[i] = at;
}

static void need_all(struct ties *t, const struct condition *c, size_t at)
{
    for (size_t n = 0; n < c->names_n; n++)
        ties_need(t, c->names[n], at);
}

/* Marks as needed the parameters that decide whether parameter i exists and, if it is computed, its
 * value. */
static void need_inputs(struct ties *t, size_t i, size_t at)
{
    const struct parameter *p = &t->space->parameters[i];
    for (size_t w = 0; w < p->when_n; w++)
        if (p->when[w].condition)
            need_all(t, p->when[w].condition, at);
        else
            ties_need(t, p->when[w].parent, at);
    if (p->kind == SPACE_EXPR)
        need_all(t, p->expr, at);
}

static size_t settled_at(const struct ties *t, const struct condition *c)
{
    size_t at = 0;
    for (size_t n = 0; n < c->names_n; n++)
        if (at < t->position[c->names[n]])
            at = t->position[c->names[n]];
    return at;
}

static void find_needs(struct ties *t)
{
    const struct space *s = t->space;
    for (size_t k = 0; k < s->n; k++) {
        t->position[s->order[k]] = k;
        t->until[s->order[k]] = k;
    }
    for (size_t k = 0; k < s->n; k++)
        need_inputs(t, s->order[k], k);
    for (size_t f = 0; f < s->forbid_n; f++)
        need_all(t, &s->forbid[f], settled_at(t, &s->forbid[f]));
    /* Backwards: inputs come before the parameters computed from them. */
    for (size_t k = s->n; k-- > 0;)
        if (s->parameters[s->order[k]].kind == SPACE_EXPR)
            need_inputs(t, s->order[k], t->until[s->order[k]]);
}

static bool is_choice(const struct parameter *p)
{
    return p->kind != SPACE_EXPR && (p->kind != SPACE_CONSTANT || p->when_n > 0);
}

/* Counting sort: turns counts into places. from[k] becomes the place where list k begins, from[n]
 * the length of all lists. */
static void place_lists(size_t *from, size_t n)
{
    size_t sum = 0;
    for (size_t k = 0; k <= n; k++) {
        size_t here = from[k];
        from[k] = sum;
        sum += here;
    }
}

static void close_lists(size_t *from, size_t n)
{
    for (size_t k = n; k > 0; k--)
        from[k] = from[k - 1];
    from[0] = 0;
}

static void list_settled(struct ties *t)
{
    const struct space *s = t->space;
    for (size_t f = 0; f < s->forbid_n; f++)
        t->settled_from[settled_at(t, &s->forbid[f])]++;
    place_lists(t->settled_from, s->n);
    t->settled = mem_alloc(s->forbid_n * sizeof *t->settled);
    for (size_t f = 0; f < s->forbid_n; f++)
        t->settled[t->settled_from[settled_at(t, &s->forbid[f])]++] = f;
    close_lists(t->settled_from, s->n);
}

static int list_live(struct ties *t, size_t live_max)
{
    const struct space *s = t->space;
    size_t all = 0;
    for (size_t i = 0; i < s->n; i++)
        if (is_choice(&s->parameters[i]))
            all += t->until[i] - t->position[i];
    if (all > live_max)
        return ERR_LIMIT;
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = t->position[i] + 1; is_choice(&s->parameters[i]) && k <= t->until[i]; k++)
            t->live_from[k]++;
    place_lists(t->live_from, s->n);
    t->live = mem_alloc(all * sizeof *t->live);
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = t->position[i] + 1; is_choice(&s->parameters[i]) && k <= t->until[i]; k++)
            t->live[t->live_from[k]++] = i;
    close_lists(t->live_from, s->n);
    return 0;
}

int ties_init(struct ties *t, const struct space *space, size_t live_max)
{
    *t = (struct ties){
        .space = space,
        .position = mem_alloc(space->n * sizeof *t->position),
        .until = mem_alloc(space->n * sizeof *t->until),
        .live_from = mem_alloc((space->n + 1) * sizeof *t->live_from),
        .settled_from = mem_alloc((space->n + 1) * sizeof *t->settled_from),
    };
    find_needs(t);
    list_settled(t);
    int rc = list_live(t, live_max);
    if (rc)
        ties_done(t);
    return rc;
}

void ties_done(struct ties *t)
{
    mem_free(t->position);
    mem_free(t->until);
    mem_free(t->live);
    mem_free(t->live_from);
    mem_free(t->settled);
    mem_free(t->settled_from);
}

bool ties_matter(const struct ties *t, size_t k)
{
    return t->until[t->space->order[k]] > k || t->settled_from[k + 1] > t->settled_from[k];
}
