/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/lattice/lattice.h"

#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "strategies/lattice/alike.h"
#include "strategies/lattice/memo.h"
#include "strategies/lattice/ties.h"
#include "sweep/condition.h"

enum { LEAF, DEAD }; /* the first two nodes: after the last parameter; no allowed point follows */
enum { TIED_TOLD = 5 };

/* The state while the diagram is built, top down and depth first. */
struct maker {
    struct lattice *l;
    struct ties ties;
    struct alike alike;
    struct arena tried_arena;
    struct value ***tried; /* of each parameter that matters: its values, by digit */
    uint32_t **classes; /* of each parameter: classes of its values, by digit; NULL: all differ */
    struct arena *computed;   /* of each computed parameter: its current value */
    uint32_t *digits;         /* the current digits or classes of the parameters that matter */
    struct lattice_run *open; /* runs of nodes being built, each after those of the node above */
    size_t open_n, open_cap;
    struct memo nodes; /* of each node: its number, by position and the digits needed later */
    uint32_t *key;
    uint64_t steps;
    bool over;
    size_t over_at; /* the position at which the step limit was passed */
};

static uint64_t add_capped(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint64_t multiply_capped(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static void maker_step(struct maker *m, size_t k, uint64_t steps)
{
    m->steps = add_capped(m->steps, steps);
    if (m->steps > LIMIT_LATTICE_STEPS && !m->over) {
        m->over = true;
        m->over_at = k;
    }
}

/* The cost of a node, besides the step that asks for it; the cost of each condition after the first
 * of a step. */
enum { NODE_STEPS = 4, CONDITION_STEPS = 2, VALUES_A_STEP = 4 };

/* A long expression costs more time than a step. */
static void step_for(struct maker *m, size_t k, const struct condition *c)
{
    const size_t covered = 16, a_step = 8;
    size_t len = strlen(c->text);
    if (len > covered)
        maker_step(m, k, (len - covered) / a_step);
}

/* Conditions for a parameter's existence, and long lists of values, also cost more than a step. */
static void step_for_when(struct maker *m, size_t k, const struct parameter *p)
{
    for (size_t i = 0; i < p->when_n; i++)
        if (p->when[i].values)
            maker_step(m, k, p->when[i].values->list.n / VALUES_A_STEP);
        else
            step_for(m, k, p->when[i].condition);
}

/* Returns the length of the key. */
static size_t make_key(struct maker *m, size_t k)
{
    size_t n = 0;
    m->key[n++] = (uint32_t)k;
    for (size_t at = m->ties.live_from[k]; at < m->ties.live_from[k + 1]; at++)
        m->key[n++] = m->digits[m->ties.live[at]];
    return n;
}

static void add_run(struct maker *m, size_t mark, uint64_t digit, uint64_t n, uint32_t node)
{
    struct lattice_run *last = m->open_n > mark ? &m->open[m->open_n - 1] : NULL;
    if (node == DEAD)
        return;
    if (last && last->node == node && last->first + last->n == digit) {
        last->n += n;
        return;
    }
    m->open = mem_grow(m->open, &m->open_cap, m->open_n + 1, sizeof *m->open);
    m->open[m->open_n++] = (struct lattice_run){.first = digit, .n = n, .node = node};
}

static uint32_t add_node(struct lattice *l, struct lattice_run *runs, size_t n)
{
    struct lattice_node node = {.run = (uint32_t)l->runs_n, .runs = (uint32_t)n};
    l->runs = mem_grow(l->runs, &l->runs_cap, l->runs_n + n, sizeof *l->runs);
    for (size_t r = 0; r < n; r++) {
        runs[r].before = node.points;
        l->runs[l->runs_n++] = runs[r];
        node.points =
            add_capped(node.points, multiply_capped(runs[r].n, l->nodes[runs[r].node].points));
    }
    l->nodes = mem_grow(l->nodes, &l->nodes_cap, l->nodes_n + 1, sizeof *l->nodes);
    l->nodes[l->nodes_n] = node;
    return (uint32_t)l->nodes_n++;
}

static uint32_t make_node(struct maker *m, size_t k);

/* Tries the first of n digits from `digit` on, of the parameter at position k. It stands for them
 * all. */
static void try_digits(struct maker *m, size_t k, size_t mark, uint64_t digit, uint64_t n,
                       struct value *value)
{
    size_t i = m->l->space->order[k];
    m->l->values[i] = value;
    m->digits[i] = m->classes[i] && value ? m->classes[i][digit] : (uint32_t)digit;
    maker_step(m, k, 1);
    for (size_t at = m->ties.settled_from[k]; at < m->ties.settled_from[k + 1] && !m->over; at++) {
        size_t forbid = m->ties.settled[at];
        maker_step(m, k, at > m->ties.settled_from[k] ? CONDITION_STEPS : 0);
        step_for(m, k, &m->l->space->forbid[forbid]);
        if (!refusal_passes(&m->l->refusal, forbid, m->l->values))
            return;
    }
    if (!m->over)
        add_run(m, mark, digit, n, make_node(m, k + 1));
}

static void list_values(struct maker *m, size_t k, size_t i)
{
    const struct axis *x = &m->l->axes[i];
    if (m->tried[i])
        return;
    maker_step(m, k, x->n);
    if (m->over)
        return;
    m->tried[i] = arena_alloc(&m->tried_arena, x->n * sizeof *m->tried[i]);
    for (uint64_t digit = 0; digit < x->n; digit++)
        m->tried[i][digit] = axis_value(&m->tried_arena, x, digit);
    m->classes[i] = alike_classes(&m->alike, i, m->tried[i], x->n);
}

/* Tries each value, but only the first of a run of values that are alike. */
static void try_listed(struct maker *m, size_t k, size_t mark, size_t i)
{
    const uint32_t *classes = m->classes[i];
    uint64_t n = 0;
    for (uint64_t digit = 0; digit < m->l->axes[i].n && !m->over; digit += n) {
        n = 1;
        while (classes && digit + n < m->l->axes[i].n && classes[digit + n] == classes[digit])
            n++;
        try_digits(m, k, mark, digit, n, m->tried[i][digit]);
    }
}

static void try_parameter(struct maker *m, size_t k, size_t mark)
{
    const struct space *s = m->l->space;
    size_t i = s->order[k];
    step_for_when(m, k, &s->parameters[i]);
    bool undefined = false, exists = condition_exists(s, i, m->l->values, &undefined);
    struct value *computed = NULL;
    if (exists && !undefined && s->parameters[i].kind == SPACE_EXPR) {
        step_for(m, k, s->parameters[i].expr);
        arena_clear(&m->computed[i]);
        computed = condition_compute(&m->computed[i], s, i, m->l->values, &undefined);
        exists = computed != NULL;
    }
    if (undefined)
        refusal_count_undefined(&m->l->refusal, i);
    else if (!exists)
        try_digits(m, k, mark, LATTICE_ABSENT, 1, NULL);
    else if (computed)
        try_digits(m, k, mark, 0, 1, computed);
    else if (!ties_matter(&m->ties, k))
        try_digits(m, k, mark, 0, m->l->axes[i].n, NULL);
    else {
        list_values(m, k, i);
        if (!m->over)
            try_listed(m, k, mark, i);
    }
}

static uint32_t make_node(struct maker *m, size_t k)
{
    if (k == m->l->space->n)
        return LEAF;
    size_t len = make_key(m, k);
    uint32_t node;
    maker_step(m, k, len);
    if (memo_find(&m->nodes, m->key, len, &node))
        return node;
    size_t mark = m->open_n;
    maker_step(m, k, NODE_STEPS);
    try_parameter(m, k, mark);
    node = DEAD;
    if (m->open_n > mark)
        node = add_node(m->l, &m->open[mark], m->open_n - mark);
    m->open_n = mark;
    len = make_key(m, k);
    memo_put(&m->nodes, m->key, len, node);
    return node;
}

static int say_empty(const struct lattice *l, struct err *err)
{
    struct buf rules;
    buf_init(&rules, ERR_TEXT_BYTES);
    refusal_tell(&l->refusal, &rules);
    int rc = err_set(err, ERR_EMPTY,
                     "the conditions leave no point of the space: %s; loosen them, or give the "
                     "parameters other values",
                     buf_peek(&rules));
    buf_done(&rules);
    return rc;
}

static int say_over(const struct maker *m, struct err *err)
{
    const struct space *s = m->l->space;
    size_t from = m->ties.live_from[m->over_at], to = m->ties.live_from[m->over_at + 1];
    struct buf names;
    buf_init(&names, ERR_TEXT_BYTES);
    for (size_t at = from; at < to && at - from < TIED_TOLD; at++)
        buf_addf(&names, "%s, ", s->parameters[m->ties.live[at]].name);
    if (to - from > TIED_TOLD)
        buf_addf(&names, "%zu others, ", to - from - TIED_TOLD);
    int rc =
        err_set(err, ERR_LIMIT,
                "the conditions link %s%s: more than %d combinations of their values would have to "
                "be tried to count the points",
                buf_peek(&names), s->parameters[s->order[m->over_at]].name, LIMIT_LATTICE_STEPS);
    buf_done(&names);
    return rc;
}

static int maker_run(struct maker *m, struct err *err)
{
    struct lattice *l = m->l;
    if (ties_init(&m->ties, l->space, LIMIT_LATTICE_STEPS) != 0)
        return err_set(err, ERR_LIMIT,
                       "the conditions link too many parameters to count the points");
    m->tried = mem_alloc(l->space->n * sizeof *m->tried);
    m->classes = mem_alloc(l->space->n * sizeof *m->classes);
    m->computed = mem_alloc(l->space->n * sizeof *m->computed);
    m->digits = mem_alloc(l->space->n * sizeof *m->digits);
    m->key = mem_alloc((l->space->n + 1) * sizeof *m->key);
    for (size_t i = 0; i < l->space->n; i++)
        arena_init(&m->computed[i]);
    alike_init(&m->alike, l->space);
    l->root = make_node(m, 0);
    l->points = l->nodes[l->root].points;
    int rc = m->over ? say_over(m, err) : l->points == 0 ? say_empty(l, err) : 0;
    for (size_t i = 0; i < l->space->n; i++) {
        arena_done(&m->computed[i]);
        mem_free(m->classes[i]);
    }
    alike_done(&m->alike);
    ties_done(&m->ties);
    return rc;
}

int lattice_init(struct lattice *l, const struct space *space, enum lattice_axes axes,
                 struct err *err)
{
    *l = (struct lattice){
        .space = space,
        .n = space->n,
        .axes = mem_alloc(space->n * sizeof *l->axes),
        .values = mem_alloc(space->n * sizeof *l->values),
    };
    refusal_init(&l->refusal, space);
    for (size_t i = 0; i < space->n; i++)
        if (axes == LATTICE_GRID)
            axis_init_grid(&l->axes[i], &space->parameters[i]);
        else
            axis_init(&l->axes[i], &space->parameters[i]);
    add_node(l, NULL, 0);
    add_node(l, NULL, 0);
    l->nodes[LEAF].points = 1;
    struct maker m = {.l = l};
    arena_init(&m.tried_arena);
    memo_init(&m.nodes);
    int rc = maker_run(&m, err);
    memo_done(&m.nodes);
    arena_done(&m.tried_arena);
    mem_free(m.tried);
    mem_free(m.classes);
    mem_free(m.computed);
    mem_free(m.digits);
    mem_free(m.key);
    mem_free(m.open);
    if (rc)
        lattice_done(l);
    return rc;
}

void lattice_done(struct lattice *l)
{
    for (size_t i = 0; i < l->n; i++)
        axis_done(&l->axes[i]);
    refusal_done(&l->refusal);
    mem_free(l->axes);
    mem_free(l->nodes);
    mem_free(l->runs);
    mem_free(l->values);
}

void lattice_at(const struct lattice *l, uint64_t index, uint64_t *digits)
{
    PRE(index < l->points);
    const struct lattice_node *node = &l->nodes[l->root];
    for (size_t k = 0; k < l->space->n; k++) {
        const struct lattice_run *runs = &l->runs[node->run];
        size_t low = 0, high = node->runs;
        while (high - low > 1) {
            size_t middle = low + (high - low) / 2;
            if (runs[middle].before <= index)
                low = middle;
            else
                high = middle;
        }
        node = &l->nodes[runs[low].node];
        index -= runs[low].before;
        digits[l->space->order[k]] = runs[low].first + index / node->points;
        index %= node->points;
    }
}

static const struct lattice_run *find_run(const struct lattice *l, const struct lattice_node *node,
                                          uint64_t *digit)
{
    const struct lattice_run *runs = &l->runs[node->run];
    size_t low = 0, high = node->runs;
    if (runs[0].first == LATTICE_ABSENT)
        *digit = LATTICE_ABSENT;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (runs[middle].first <= *digit)
            low = middle;
        else
            high = middle;
    }
    return *digit >= runs[low].first && *digit - runs[low].first < runs[low].n ? &runs[low] : NULL;
}

bool lattice_find(const struct lattice *l, uint64_t *digits, uint64_t *ret_index)
{
    const struct lattice_node *node = &l->nodes[l->root];
    *ret_index = 0;
    for (size_t k = 0; k < l->space->n; k++) {
        uint64_t *digit = &digits[l->space->order[k]];
        const struct lattice_run *run = find_run(l, node, digit);
        if (!run)
            return false;
        node = &l->nodes[run->node];
        uint64_t before =
            add_capped(run->before, multiply_capped(*digit - run->first, node->points));
        *ret_index = add_capped(*ret_index, before);
    }
    return true;
}

struct value *lattice_params(struct lattice *l, struct arena *a, const uint64_t *digits)
{
    const struct space *s = l->space;
    bool undefined = false;
    for (size_t k = 0; k < s->n; k++) {
        size_t i = s->order[k];
        if (digits[i] == LATTICE_ABSENT)
            l->values[i] = NULL;
        else if (s->parameters[i].kind == SPACE_EXPR)
            l->values[i] = condition_compute(a, s, i, l->values, &undefined);
        else
            l->values[i] = axis_value(a, &l->axes[i], digits[i]);
    }
    POST(!undefined);
    return space_nest(a, s, l->values);
}
