/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/books_aside.h"

#include <string.h>

#include "base/json.h"

/* A zero without its sign, as in the rows of trials. */
static struct value *aside_number(struct arena *a, double f)
{
    return value_float(a, f + 0.0);
}

void books_aside_print(struct buf *out, const struct book_aside *aside)
{
    struct arena a;
    void *metric;
    arena_init(&a);
    struct value *v = value_dict(&a), *last = value_list(&a);
    const struct objective *o = &aside->objective;
    if (o->known) {
        value_put(&a, v, "objective", aside_number(&a, o->value));
        value_put(&a, v, "objective_step", value_int(&a, o->step));
    }
    value_put(&a, v, "iterations", value_int(&a, (int64_t)o->iterations));
    value_put(&a, v, "iteration_step", value_int(&a, o->iteration_step));
    value_put(&a, v, "iteration_best", aside_number(&a, o->iteration_best));
    value_put(&a, v, "step", value_int(&a, aside->step));
    for (size_t at = 0; map_next(&aside->last, &at, &metric);) {
        const struct book_metric *m = metric;
        value_push(&a, last, value_str(&a, m->key));
        value_push(&a, last, value_float(&a, m->value));
    }
    value_put(&a, v, "last", last);
    json_print(out, v, JSON_PYTHON);
    arena_done(&a);
}

static bool aside_last_is_sound(const struct value *last)
{
    bool sound = last && last->kind == VALUE_LIST && last->list.n % 2 == 0;
    for (size_t i = 0; sound && i < last->list.n; i += 2)
        sound = last->list.items[i]->kind == VALUE_STR && value_is_number(last->list.items[i + 1]);
    return sound;
}

int books_aside_read(struct arena *scratch, const char *text, struct book_aside *ret)
{
    struct value *v = NULL;
    if (json_parse(scratch, text, strlen(text), &v, NULL) < 0 || v->kind != VALUE_DICT)
        return ERR_DAMAGED;
    const struct value *last = value_get(v, "last");
    if (!aside_last_is_sound(last))
        return ERR_DAMAGED;
    ret->objective = (struct objective){.known = value_get(v, "objective") != NULL,
                                        .value = value_get_float(v, "objective", 0),
                                        .step = value_get_int(v, "objective_step", 0),
                                        .iterations = (uint64_t)value_get_int(v, "iterations", 0),
                                        .iteration_step = value_get_int(v, "iteration_step", 0),
                                        .iteration_best = value_get_float(v, "iteration_best", 0)};
    ret->step = value_get_int(v, "step", POINT_NO_STEP);
    map_init(&ret->last);
    for (size_t i = 0; i < last->list.n; i += 2)
        books_load_metric(&ret->last, last->list.items[i]->s.ptr,
                          value_number(last->list.items[i + 1]));
    return 0;
}
