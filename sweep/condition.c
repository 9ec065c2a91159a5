/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/condition.h"

#include <math.h>
#include "base/check.h"
#include "expr/expr.h"

static bool one_of(const struct value *list, const struct value *v)
{
    for (size_t i = 0; i < list->list.n; i++)
        if (value_same(list->list.items[i], v))
            return true;
    return false;
}

static bool names_exist(const struct condition *c, struct value *const *values)
{
    for (size_t i = 0; i < c->names_n; i++)
        if (!values[c->names[i]])
            return false;
    return true;
}

/* False also if it is undefined or names a parameter that does not exist. */
static bool condition_is_true(const struct condition *c, struct value *const *values,
                              bool *ret_undefined)
{
    struct value v;
    if (!names_exist(c, values))
        return false;
    if (!expr_eval(c->expr, values, &v, NULL)) {
        *ret_undefined = true;
        return false;
    }
    return expr_truth(&v);
}

bool condition_exists(const struct space *s, size_t i, struct value *const *values,
                      bool *ret_undefined)
{
    const struct parameter *p = &s->parameters[i];
    for (size_t k = 0; k < p->when_n; k++) {
        const struct when *w = &p->when[k];
        bool ok = w->condition ? condition_is_true(w->condition, values, ret_undefined)
                               : values[w->parent] && one_of(w->values, values[w->parent]);
        if (!ok)
            return false;
    }
    return true;
}

struct value *condition_compute(struct arena *a, const struct space *s, size_t i,
                                struct value *const *values, bool *ret_undefined)
{
    const struct condition *c = s->parameters[i].expr;
    struct value v;
    PRE(c);
    if (!names_exist(c, values))
        return NULL;
    if (!expr_eval(c->expr, values, &v, NULL) || (v.kind == VALUE_FLOAT && !isfinite(v.f))) {
        *ret_undefined = true;
        return NULL;
    }
    return value_copy(a, &v);
}

size_t condition_forbids(const struct space *s, struct value *const *values, bool *ret_undefined)
{
    for (size_t i = 0; i < s->forbid_n; i++)
        if (condition_is_true(&s->forbid[i], values, ret_undefined))
            return i;
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
