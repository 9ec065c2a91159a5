/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/lattice/alike.h"

#include "base/mem.h"

/* A hash index of the values: 1 + place, 0 for an empty slot. */
struct index {
    struct value *const *values;
    uint32_t *slots;
    size_t cap;
};

static size_t slot_of(const struct index *x, const struct value *v)
{
    size_t at = value_hash(v) & (x->cap - 1);
    while (x->slots[at] && !value_same(x->values[x->slots[at] - 1], v))
        at = (at + 1) & (x->cap - 1);
    return at;
}

static void index_init(struct index *x, struct value *const *values, size_t n)
{
    *x = (struct index){.values = values, .cap = 16};
    while (x->cap < 2 * n)
        x->cap *= 2;
    x->slots = mem_alloc(x->cap * sizeof *x->slots);
    for (size_t i = 0; i < n; i++)
        x->slots[slot_of(x, values[i])] = (uint32_t)(i + 1);
}

static void mark_names(struct alike *a, const struct condition *c)
{
    for (size_t n = 0; n < c->names_n; n++)
        a->in_expressions[c->names[n]] = true;
}

static void mark_all(struct alike *a)
{
    const struct space *s = a->space;
    for (size_t f = 0; f < s->forbid_n; f++)
        mark_names(a, &s->forbid[f]);
    for (size_t i = 0; i < s->n; i++) {
        if (s->parameters[i].expr)
            mark_names(a, s->parameters[i].expr);
        for (size_t w = 0; w < s->parameters[i].when_n; w++)
            if (s->parameters[i].when[w].condition)
                mark_names(a, s->parameters[i].when[w].condition);
    }
}

void alike_init(struct alike *a, const struct space *space)
{
    size_t *ends = mem_alloc((space->n + 2) * sizeof *ends);
    *a = (struct alike){.space = space,
                        .in_expressions = mem_alloc(space->n * sizeof *a->in_expressions),
                        .lists_from = ends};
    mark_all(a);
    /* Counting sort: ends[i + 2] counts the lists of i. Then ends[i + 1] is where the lists of i
     * begin, and moves to their end as they are stored. */
    for (size_t i = 0; i < space->n; i++)
        for (size_t w = 0; w < space->parameters[i].when_n; w++)
            if (space->parameters[i].when[w].values)
                ends[space->parameters[i].when[w].parent + 2]++;
    for (size_t i = 2; i < space->n + 2; i++)
        ends[i] += ends[i - 1];
    a->lists = mem_alloc(ends[space->n + 1] * sizeof *a->lists);
    for (size_t i = 0; i < space->n; i++)
        for (size_t w = 0; w < space->parameters[i].when_n; w++)
            if (space->parameters[i].when[w].values)
                a->lists[ends[space->parameters[i].when[w].parent + 1]++] =
                    space->parameters[i].when[w].values;
}

void alike_done(struct alike *a)
{
    mem_free(a->in_expressions);
    mem_free(a->lists);
    mem_free(a->lists_from);
}

/* The state while lists split the classes: values in a list move from their class to a new one. */
struct splitter {
    struct index index;
    uint32_t *class_of; /* of each value */
    uint32_t *done;     /* of each value: the last list that it was found in */
    uint32_t *split_by; /* of each class: the last list that split it, */
    uint32_t *into;     /* and the class that those in the list went into */
    uint32_t classes;
};

static void split_list(struct splitter *s, const struct value *list, uint32_t number)
{
    for (size_t k = 0; k < list->list.n; k++) {
        uint32_t found = s->index.slots[slot_of(&s->index, list->list.items[k])];
        if (found == 0 || s->done[found - 1] == number)
            continue;
        uint32_t *class = &s->class_of[found - 1];
        s->done[found - 1] = number;
        if (s->split_by[*class] != number) {
            s->split_by[*class] = number;
            s->into[*class] = s->classes++;
        }
        *class = s->into[*class];
    }
}

uint32_t *alike_classes(const struct alike *a, size_t parameter, struct value *const *values,
                        size_t n)
{
    size_t from = a->lists_from[parameter], to = a->lists_from[parameter + 1], members = 0;
    if (a->in_expressions[parameter])
        return NULL;
    for (size_t l = from; l < to; l++)
        members += a->lists[l]->list.n;
    struct splitter s = {.class_of = mem_alloc(n * sizeof *s.class_of),
                         .done = mem_alloc(n * sizeof *s.done),
                         .split_by = mem_alloc((members + 1) * sizeof *s.split_by),
                         .into = mem_alloc((members + 1) * sizeof *s.into),
                         .classes = 1};
    index_init(&s.index, values, n);
    for (size_t l = from; l < to; l++)
        split_list(&s, a->lists[l], (uint32_t)(l - from + 1));
    mem_free(s.index.slots);
    mem_free(s.done);
    mem_free(s.split_by);
    mem_free(s.into);
    return s.class_of;
}
