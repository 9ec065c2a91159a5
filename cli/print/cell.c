/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/cell.h"

#include <math.h>

#include "base/json.h"

const char *cell_number(struct arena *a, double f)
{
    return isnan(f) ? "nan" : arena_printf(a, "%.6g", f);
}

const char *cell_value(struct arena *a, const struct value *v)
{
    if (!v || v->kind == VALUE_NULL)
        return "";
    if (v->kind == VALUE_FLOAT)
        return cell_number(a, v->f);
    if (v->kind == VALUE_STR)
        return v->s.ptr;
    return json_text(a, v, JSON_COMPACT);
}

static void flatten_value(struct arena *a, struct value *flat, const char *prefix,
                          const struct value *dict)
{
    for (size_t i = 0; i < dict->dict.n; i++) {
        const struct value_entry *e = &dict->dict.entries[i];
        const char *key = *prefix ? arena_printf(a, "%s.%s", prefix, e->key) : e->key;
        if (e->value->kind == VALUE_DICT && e->value->dict.n > 0)
            flatten_value(a, flat, key, e->value);
        else
            value_put(a, flat, key, e->value);
    }
}

struct value *cell_flatten(struct arena *a, const struct value *params)
{
    struct value *flat = value_dict(a);
    if (params && params->kind == VALUE_DICT)
        flatten_value(a, flat, "", params);
    return flat;
}

struct value *cell_varying(struct arena *a, const struct value *flat_dicts)
{
    /* What is seen first of each key; null once it was seen to differ. */
    struct value *first = value_dict(a), *keys = value_list(a), *differ = value_null(a);
    size_t n = flat_dicts->list.n;
    for (size_t i = 0; i < n; i++) {
        const struct value *flat = flat_dicts->list.items[i];
        for (size_t j = 0; j < flat->dict.n; j++) {
            const struct value_entry *e = &flat->dict.entries[j];
            const struct value *known = value_get(first, e->key);
            if (!known)
                value_put(a, first, e->key, i == 0 ? e->value : differ);
            else if (known != differ && !value_same(known, e->value))
                value_put(a, first, e->key, differ);
        }
    }
    for (size_t j = 0; j < first->dict.n; j++) {
        const struct value_entry *e = &first->dict.entries[j];
        bool differs = e->value == differ || n == 1;
        for (size_t i = 1; i < n && !differs; i++)
            differs = !value_get(flat_dicts->list.items[i], e->key);
        if (differs)
            value_push(a, keys, value_str(a, e->key));
    }
    return keys;
}
