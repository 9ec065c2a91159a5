/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/parameter/advice_kind.h"

#include <string.h>
#include "base/diag/nearest.h"
#include "language/advice/advice_edit.h"
#include "language/advice/advice_part.h"
#include "language/reader/parameter/spec_kind.h"
#include "language/reader/spec_flow.h"

const char *advice_kind_near(const char *name)
{
    static const struct {
        const char *foreign, *ours;
    } known[] = {
        {"int", "int_uniform"},
        {"integer", "int_uniform"},
        {"float", "uniform"},
        {"double", "uniform"},
        {"choice", "categorical"},
        {"quniform", "q_uniform"},
        {"loguniform", "log_uniform_values"},
        {"log", "log_uniform_values"},
        {"lognormal", "log_normal"},
        {"gaussian", "normal"},
        {"randint", "int_uniform"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].foreign, name) == 0)
            return known[i].ours;
    return nearest_name(name, spec_kind_names, SPEC_KIND_COUNT, sizeof *spec_kind_names);
}

/* log_uniform takes exponents, log_uniform_values takes the bounds themselves. If the name does not
 * tell which is meant, the bounds do. */
static const char *by_bounds(const struct spec_draft *d, const char *name, const char *near)
{
    static const char *const pairs[][2] = {
        {"log_uniform", "log_uniform_values"},
        {"q_log_uniform", "q_log_uniform_values"},
        {"inv_log_uniform", "inv_log_uniform_values"},
    };
    struct spec_number min, max;
    for (size_t i = 0; near && i < sizeof pairs / sizeof *pairs; i++) {
        if ((strcmp(near, pairs[i][0]) != 0 && strcmp(near, pairs[i][1]) != 0) ||
            strstr(name, "val"))
            continue;
        bool values = ~d->present & (FIELD_BIT(MIN) | FIELD_BIT(MAX)) ||
                      !spec_node_as_number(&d->fields[FIELD_MIN], &min) ||
                      !spec_node_as_number(&d->fields[FIELD_MAX], &max) ||
                      (min.f > 0 && min.f < max.f);
        return pairs[i][values];
    }
    return NULL;
}

/* The flat line meant by `distribution: {type: uniform, min: 0}`. */
static const char *unpacked_line(struct spec_reader *r, const struct spec_node *n)
{
    enum { ENTRIES_MAX = 8 };
    const char *name = NULL, *rest = "";
    if (n->yaml->n > ENTRIES_MAX)
        return NULL;
    const struct yaml_entry **order = yaml_tree_by_place(r->arena, n->yaml);
    for (size_t i = 0; i < n->yaml->n; i++) {
        const struct yaml_entry *e = order[i];
        const char *text = spec_flow_text(r->arena, e->node);
        bool is_name = e->node->value->kind == VALUE_STR && !spec_draft_is_field(e->key);
        if (!text || (!is_name && !spec_draft_is_field(e->key)) || (is_name && name))
            return NULL;
        if (is_name)
            name = text;
        else
            rest = arena_printf(r->arena, "%s, %s: %s", rest, e->key, text);
    }
    return name ? arena_printf(r->arena, "%s: {distribution: %s%s}", n->up->key, name, rest) : NULL;
}

const char *advice_kind_of_key(struct spec_reader *r, const struct spec_node *field)
{
    const struct yaml_node *y = field->yaml;
    size_t i = 0;
    while (i < SPEC_KIND_COUNT && strcmp(spec_kind_names[i], field->key) != 0)
        i++;
    if (i == SPEC_KIND_COUNT || spec_node_kind(field) != VALUE_LIST)
        return NULL;
    unsigned required = spec_kind_required((enum space_kind)i);
    const char *list = spec_flow_text(r->arena, y);
    if (required == FIELD_BIT(VALUES) && list)
        return arena_printf(r->arena, "values: %s", list);
    if (required != (FIELD_BIT(MIN) | FIELD_BIT(MAX)) || y->n != 2)
        return NULL;
    const char *low = spec_flow_text(r->arena, y->items[0]),
               *high = spec_flow_text(r->arena, y->items[1]);
    return low && high ? arena_printf(r->arena, "distribution: %s, min: %s, max: %s",
                                      spec_kind_names[i], low, high)
                       : NULL;
}

void advice_on_packed(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said, unpacked_line(r, f->node));
}

void advice_on_other_kind(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said, arena_printf(r->arena, "distribution: %s", space_kind_name(f->kind)));
}

void advice_on_distribution(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct spec_node *n = &f->draft->fields[FIELD_DISTRIBUTION];
    const char *name = spec_node_kind(n) == VALUE_STR ? n->yaml->value->s.ptr : "";
    const char *near = advice_kind_near(name), *log = by_bounds(f->draft, name, near);
    const char *sure = *name && !log ? nearest_sure(name, spec_kind_names, SPEC_KIND_COUNT,
                                                    sizeof *spec_kind_names)
                                     : NULL;
    near = log ? log : near;
    diags_fix(r->diags, said, near ? arena_printf(r->arena, "distribution: %s", near) : NULL);
    if (sure && strcmp(sure, near) == 0)
        advice_edit_name(r, said, n, near);
}
