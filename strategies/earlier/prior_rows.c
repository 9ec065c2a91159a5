/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/earlier/prior_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sweep/completion.h"

void prior_rows_init(struct prior_rows *r, const struct spec *spec, struct arena *a)
{
    *r = (struct prior_rows){.spec = spec, .a = a};
    given_init(&r->given, &spec->space, false);
}

void prior_rows_done(struct prior_rows *r)
{
    given_done(&r->given);
    mem_free(r->rows);
}

static void reason_count(struct prior_rows *r, const char *text)
{
    for (size_t i = 0; i < r->reasons_n; i++)
        if (strcmp(r->reasons[i].text, text) == 0) {
            r->reasons[i].n++;
            return;
        }
    if (r->reasons_n == PRIOR_ROWS_REASONS) {
        r->others++;
        return;
    }
    r->reasons[r->reasons_n].text = arena_strdup(r->a, text);
    r->reasons[r->reasons_n++].n = 1;
}

static void rows_on_fault(void *arg, const struct given_fault *fault)
{
    const char **first = arg;
    if (!*first)
        *first = fault->name[0] ? fault->name : "a condition";
}

/* The params without names that this space does not have. */
static struct value *params_known(const struct prior_rows *r, struct arena *a,
                                  const struct value *params)
{
    const struct value *flat = value_flatten(a, params);
    struct value *known = value_dict(a);
    for (size_t i = 0; i < r->spec->space.n; i++) {
        const struct parameter *p = &r->spec->space.parameters[i];
        const struct value *v = space_lookup(params, p);
        if (!v)
            v = value_get(flat, p->name);
        if (v && p->kind != SPACE_EXPR && p->kind != SPACE_CONSTANT)
            value_put(a, known, p->name, value_copy(a, v));
    }
    return known;
}

static void row_take(struct prior_rows *r, struct arena *scratch, const struct value *params,
                     double objective, uint64_t number)
{
    const struct space *space = &r->spec->space;
    struct value **values = arena_alloc(scratch, (space->n + 1) * sizeof *values), *whole;
    const char *fault = NULL, *missing;
    struct rng rng;
    rng_init(&rng, 0, 0, RNG_FILL);
    if (given_read(&r->given, scratch, params_known(r, scratch, params), values, rows_on_fault,
                   &fault) > 0) {
        reason_count(r, arena_printf(scratch, "%s does not fit", fault));
    } else if ((missing = completion_missing(space, values))) {
        reason_count(r, arena_printf(scratch, "%s is missing", missing));
    } else if (completion_draw(r->a, space, false, values, &rng, &whole, NULL) != 0) {
        reason_count(r, "a condition does not fit");
    } else {
        r->rows = mem_grow(r->rows, &r->cap, r->n + 1, sizeof *r->rows);
        r->rows[r->n++] =
            (struct prior_row){value_whole_as_int(r->a, whole), objective,
                               r->spec->metric.maximize ? -objective : objective, number};
    }
}

void prior_rows_add(struct prior_rows *r, const struct value *params, double objective,
                    uint64_t number)
{
    struct arena scratch;
    r->of++;
    arena_init(&scratch);
    row_take(r, &scratch, params, objective, number);
    arena_done(&scratch);
}

static int rows_compare(const void *a, const void *b)
{
    const struct prior_row *x = a, *y = b;
    if (x->loss != y->loss)
        return x->loss < y->loss ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

struct value *prior_rows_value(struct prior_rows *r, const char *name)
{
    struct arena *a = r->a;
    struct value *source = value_dict(a), *rows = value_list(a);
    if (r->n == 0)
        return NULL;
    qsort(r->rows, r->n, sizeof *r->rows, rows_compare);
    for (size_t i = 0; i < r->n && i < LIMIT_PRIOR_ROWS; i++) {
        struct value *row = value_list(a);
        value_push(a, row, r->rows[i].params);
        value_push(a, row, value_float(a, r->rows[i].objective));
        value_push(a, rows, row);
    }
    value_put(a, source, "source", value_str(a, name));
    value_put(a, source, "rows", rows);
    return source;
}

void prior_rows_print(struct buf *out, const struct prior_rows *r, const char *name)
{
    buf_addf(out, "%zu of %zu trials of %s fit", r->n, r->of, name);
    if (r->n < r->of)
        buf_addf(out, "; %zu left out: ", r->of - r->n);
    for (size_t i = 0; i < r->reasons_n; i++)
        buf_addf(out, "%s%s (%zu)", i ? ", " : "", r->reasons[i].text, r->reasons[i].n);
    if (r->others)
        buf_addf(out, ", other reasons (%zu)", r->others);
}
