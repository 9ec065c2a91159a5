/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/earlier/import_spec.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "language/spec_read.h"

/* Different values that are kept of a parameter: any, and numbers before the first text. */
enum { VALUES_MAX = 1000, NUMBERS_MAX = 64 };
/* A positive range of more than this ratio is searched on a logarithmic scale. */
#define LOG_RATIO 100

struct column {
    const char *name;
    const struct earlier_range *declared; /* NULL: the values say what there is */
    bool numbers, ints, several, dropped;
    bool more; /* values than `values` has */
    double low, high;
    struct value *values; /* different ones */
    struct map seen;      /* their hashes */
};

void import_spec_init(struct import_spec *s, struct arena *a)
{
    *s = (struct import_spec){.a = a};
    map_init(&s->columns);
}

void import_spec_done(struct import_spec *s)
{
    void *column;
    for (size_t at = 0; map_next(&s->columns, &at, &column);)
        map_done(&((struct column *)column)->seen);
    map_done(&s->columns);
}

static struct column *column_of(struct import_spec *s, const char *name)
{
    struct column *c = map_find(&s->columns, name, strlen(name));
    if (c)
        return c;
    if (++s->names_n > LIMIT_PARAMETERS)
        return NULL;
    c = arena_alloc(s->a, sizeof *c);
    *c = (struct column){.name = arena_strdup(s->a, name),
                         .numbers = true,
                         .ints = true,
                         .low = INFINITY,
                         .high = -INFINITY,
                         .values = value_list(s->a)};
    map_init(&c->seen);
    map_put(&s->columns, name, strlen(name), c);
    return c;
}

static void column_add(struct column *c, struct arena *a, const struct value *v)
{
    bool number = value_is_number(v);
    uint64_t hash = value_hash(v);
    c->numbers = c->numbers && number;
    c->ints = c->ints && v->kind == VALUE_INT && fabs(value_number(v)) < 0x1p53;
    if (number) {
        c->low = fmin(c->low, value_number(v));
        c->high = fmax(c->high, value_number(v));
    }
    if (map_find(&c->seen, &hash, sizeof hash))
        return;
    if (c->values->list.n >= (c->numbers ? NUMBERS_MAX : VALUES_MAX)) {
        c->more = true;
        return;
    }
    map_put(&c->seen, &hash, sizeof hash, c);
    value_push(a, c->values, value_copy(a, v));
}

void import_spec_add(struct import_spec *s, const struct earlier_ranges *ranges,
                     struct arena *scratch, const struct value *params)
{
    const struct value *flat = value_flatten(scratch, params);
    for (size_t i = 0; i < flat->dict.n; i++) {
        struct column *c = column_of(s, flat->dict.entries[i].key);
        if (c && !c->declared)
            c->declared = earlier_range_find(ranges, c->name);
        if (c && !c->declared)
            column_add(c, s->a, flat->dict.entries[i].value);
    }
}

static struct value *column_parameter(const struct column *c, struct arena *a)
{
    struct value *p = value_dict(a);
    if (c->declared)
        return earlier_range_parameter(c->declared, a);
    if (c->values->list.n == 1) {
        value_put(a, p, "value", c->values->list.items[0]);
    } else if (c->numbers && c->ints) {
        value_put(a, p, "distribution", value_str(a, "int_uniform"));
        value_put(a, p, "min", value_int(a, (int64_t)c->low));
        value_put(a, p, "max", value_int(a, (int64_t)c->high));
    } else if (c->numbers) {
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

/* A name that is also the group of another. */
static int groups_check(const struct import_spec *s, struct err *err)
{
    void *column;
    for (size_t at = 0; map_next(&s->columns, &at, &column);) {
        const char *name = ((struct column *)column)->name;
        for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.'))
            if (map_find(&s->columns, name, (size_t)(dot - name)))
                return err_set(err, ERR_SPEC,
                               "%.*s is a parameter and also a group, in %.100s: rename one",
                               (int)(dot - name), name, name);
    }
    return 0;
}

static struct value *parameters_make(struct import_spec *s, struct earlier *e)
{
    struct value *parameters = value_dict(s->a);
    void *column;
    for (size_t at = 0; map_next(&s->columns, &at, &column);) {
        struct column *c = column;
        c->dropped = !c->declared && !c->numbers && c->more;
        if (c->dropped)
            earlier_note(e,
                         "%.100s is not imported: it has more than %d different values that are "
                         "not all numbers; if it is a parameter, use --spec SPEC",
                         c->name, (int)c->values->list.n);
        else
            parameter_put(s->a, parameters, c->name, column_parameter(c, s->a));
    }
    return parameters;
}

int import_spec_make(struct import_spec *s, struct earlier *e, const char *metric, bool maximize,
                     struct spec **ret, struct err *err)
{
    struct arena *a = s->a;
    struct diags d;
    struct value *content = value_dict(a), *of = value_dict(a);
    if (s->names_n > LIMIT_PARAMETERS)
        return err_set(err, ERR_LIMIT,
                       "its trials have %zu different parameters, and at most %d are supported: "
                       "name those that matter in a sweep file, with --spec SPEC",
                       s->names_n, LIMIT_PARAMETERS);
    int rc = groups_check(s, err);
    if (rc != 0)
        return rc;
    value_put(a, of, "name", value_str(a, metric));
    value_put(a, of, "goal", value_str(a, maximize ? "maximize" : "minimize"));
    value_put(a, content, "method", value_str(a, "random"));
    value_put(a, content, "metric", of);
    value_put(a, content, "parameters", parameters_make(s, e));
    diags_init(&d, a, NULL);
    *ret = spec_read_content(content, &d);
    if (*ret)
        return 0;
    return err_set(err, ERR_SPEC, "no space can be made of its parameters: %s%s%s; use --spec SPEC",
                   d.n > 0 ? d.items[0].path : "", d.n > 0 && d.items[0].path[0] ? ": " : "",
                   d.n > 0 ? d.items[0].message : "no reason given");
}

struct value *import_spec_params(const struct import_spec *s, struct arena *scratch,
                                 struct value *params)
{
    struct value *flat = value_flatten(scratch, params), *kept = value_dict(scratch);
    for (size_t i = 0; i < flat->dict.n; i++) {
        const struct value_entry *entry = &flat->dict.entries[i];
        const struct column *c = map_find(&s->columns, entry->key, strlen(entry->key));
        if (c && !c->dropped)
            value_put(scratch, kept, entry->key, entry->value);
    }
    return kept;
}
