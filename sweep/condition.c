/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/condition.h"

static bool one_of(const struct value *list, const struct value *v)
{
    for (size_t i = 0; i < list->list.n; i++)
        if (value_same(list->list.items[i], v))
            return true;
    return false;
}

bool condition_exists(const struct space *s, size_t i, struct value *const *values,
                      bool *ret_undefined)
{
    (void)ret_undefined;
    const struct parameter *p = &s->parameters[i];
    for (size_t k = 0; k < p->when_n; k++) {
        const struct when *w = &p->when[k];
        if (!values[w->parent] || !one_of(w->values, values[w->parent]))
            return false;
    }
    return true;
}

struct value *condition_compute(struct arena *a, const struct space *s, size_t i,
                                struct value *const *values, bool *ret_undefined)
{
    (void)a;
    (void)s;
    (void)i;
    (void)values;
    *ret_undefined = true;
    return NULL;
}

size_t condition_forbids(const struct space *s, struct value *const *values, bool *ret_undefined)
{
    (void)s;
    (void)values;
    (void)ret_undefined;
    return SIZE_MAX;
}

bool condition_settle(struct arena *a, const struct space *s, struct value **values)
{
    bool undefined = false;
    for (size_t at = 0; at < s->n && !undefined; at++) {
        size_t i = s->order[at];
        if (!condition_exists(s, i, values, &undefined))
            values[i] = NULL;
        else if (s->parameters[i].kind == SPACE_EXPR)
            values[i] = condition_compute(a, s, i, values, &undefined);
    }
    return !undefined && condition_forbids(s, values, &undefined) == SIZE_MAX && !undefined;
}
