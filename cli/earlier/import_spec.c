/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/earlier/import_spec.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "language/spec_read.h"

enum { VALUES_MAX = 1000 };
/* A positive range of more than this ratio is searched on a logarithmic scale. */
#define LOG_RATIO 100

struct column {
    const char *name;
    bool numbers, ints;
    double low, high;
    struct value *values; /* distinct ones */
};

static struct column *column_of(struct map *columns, struct arena *a, const char *name)
{
    struct column *c = map_find(columns, name, strlen(name));
    if (c)
        return c;
    c = arena_alloc(a, sizeof *c);
    *c = (struct column){
        .name = name, .numbers = true, .ints = true, .low = INFINITY, .high = -INFINITY};
    c->values = value_list(a);
    map_put(columns, name, strlen(name), c);
    return c;
}

static void column_add(struct column *c, struct arena *a, struct value *v)
{
    bool number = value_is_number(v) && isfinite(value_number(v));
    c->numbers = c->numbers && number;
    c->ints = c->ints && v->kind == VALUE_INT;
    if (number) {
        c->low = fmin(c->low, value_number(v));
        c->high = fmax(c->high, value_number(v));
    }
    for (size_t i = 0; i < c->values->list.n; i++)
        if (value_same(c->values->list.items[i], v))
            return;
    if (c->values->list.n < VALUES_MAX)
        value_push(a, c->values, v);
}

static struct value *column_parameter(const struct column *c, struct arena *a)
{
    struct value *p = value_dict(a);
    bool range = c->numbers && c->values->list.n > 1;
    if (c->values->list.n == 1) {
        value_put(a, p, "value", c->values->list.items[0]);
    } else if (range && c->ints) {
        value_put(a, p, "distribution", value_str(a, "int_uniform"));
        value_put(a, p, "min", value_int(a, (int64_t)c->low));
        value_put(a, p, "max", value_int(a, (int64_t)c->high));
    } else if (range) {
        bool logs = c->low > 0 && c->high / c->low > LOG_RATIO;
        value_put(a, p, "distribution", value_str(a, logs ? "log_uniform_values" : "uniform"));
        value_put(a, p, "min", value_float(a, c->low));
        value_put(a, p, "max", value_float(a, c->high));
    } else {
        value_put(a, p, "values", c->values);
    }
    return p;
}

/* "a.b" is put below `parameters` of the group a. */
static void parameter_put(struct arena *a, struct value *root, const char *name, struct value *p)
{
    const char **path = arena_alloc(a, (strlen(name) + 1) * 2 * sizeof *path);
    size_t depth = 0;
    for (const char *at = name;;) {
        size_t len = strcspn(at, ".");
        path[depth++] = arena_strndup(a, at, len);
        if (!at[len])
            break;
        path[depth++] = "parameters";
        at += len + 1;
    }
    value_put_path(a, root, path, depth, p);
}

int import_spec_make(const struct earlier *e, const char *metric, bool maximize, struct spec **ret,
                     struct err *err)
{
    struct arena *a = e->arena;
    struct map columns;
    void *column;
    struct diags d;
    struct value *content = value_dict(a), *of = value_dict(a), *parameters = value_dict(a);
    map_init(&columns);
    for (size_t i = 0; i < e->n; i++) {
        const struct value *flat = value_flatten(a, e->rows[i].params);
        for (size_t k = 0; k < flat->dict.n && columns.live < LIMIT_PARAMETERS; k++)
            column_add(column_of(&columns, a, flat->dict.entries[k].key), a,
                       flat->dict.entries[k].value);
    }
    for (size_t at = 0; map_next(&columns, &at, &column);)
        parameter_put(a, parameters, ((struct column *)column)->name, column_parameter(column, a));
    map_done(&columns);
    value_put(a, of, "name", value_str(a, metric));
    value_put(a, of, "goal", value_str(a, maximize ? "maximize" : "minimize"));
    value_put(a, content, "method", value_str(a, "random"));
    value_put(a, content, "metric", of);
    value_put(a, content, "parameters", parameters);
    diags_init(&d, a, NULL);
    *ret = spec_read_content(content, &d);
    if (*ret)
        return 0;
    return err_set(err, ERR_SPEC, "no space can be made of its parameters: %s; use --spec SPEC",
                   d.n > 0 ? d.items[0].message : "no reason given");
}
