/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "language/advice/advice_edit.h"
#include "language/advice/advice_part.h"
#include "language/advice/parameter/advice_bound.h"
#include "language/reader/spec_flow.h"
#include "language/reader/spec_value.h"

void advice_on_missing(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    unsigned missing = f->fields, bounds = FIELD_BIT(MIN) | FIELD_BIT(MAX);
    if (missing == FIELD_BIT(MIN) || missing == FIELD_BIT(MAX))
        diags_fix(r->diags, said,
                  advice_bound_line(r, f->draft, f->kind,
                                    missing == FIELD_BIT(MAX) ? FIELD_MAX : FIELD_MIN));
    else
        diags_fix(r->diags, said,
                  (missing & bounds) == bounds  ? "min: 0.0, and max: 1.0"
                  : missing & FIELD_BIT(VALUE)  ? "value: 1"
                  : missing & FIELD_BIT(VALUES) ? "values: [1, 2]"
                                                : "probabilities: [0.5, 0.5]");
}

void advice_on_number(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    static const char *const lines[FIELD_COUNT] = {
        [FIELD_MU] = "mu: 0.0", [FIELD_SIGMA] = "sigma: 1.0", [FIELD_A] = "a: 1",
        [FIELD_B] = "b: 1",     [FIELD_Q] = "q: 1",
    };
    int field = spec_draft_field(f->node->key);
    diags_fix(r->diags, said, field < 0 ? NULL : lines[field]);
}

void advice_on_text_number(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct spec_node *n = f->node;
    const char *text = spec_value_as_number(r, n);
    diags_fix(r->diags, said, n->key ? arena_printf(r->arena, "%s: %s", n->key, text) : text);
    advice_edit_value(r, said, n, text);
}

void advice_on_bound_type(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    struct spec_number number;
    if (!spec_node_as_number(f->node, &number))
        return;
    const char *text = number.is_int ? arena_printf(r->arena, "%lld.0", (long long)number.i)
                                     : arena_printf(r->arena, "%.0f", number.f);
    diags_fix(r->diags, said, arena_printf(r->arena, "%s: %s", f->node->key, text));
    advice_edit_value(r, said, f->node, text);
}

/* The bound as written, or as a float if the other bound is a float. */
static const char *as_bound(struct spec_reader *r, const struct spec_draft *d,
                            enum spec_field field, bool as_float)
{
    struct spec_number number;
    if (as_float && spec_node_as_number(&d->fields[field], &number))
        return spec_flow_number(r->arena, number.f);
    return spec_node_yaml(r, &d->fields[field]);
}

void advice_on_order(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct spec_draft *d = f->draft;
    const struct spec_node *min = &d->fields[FIELD_MIN], *max = &d->fields[FIELD_MAX];
    bool mixed = spec_node_kind(min) != spec_node_kind(max);
    diags_fix(r->diags, said,
              value_same(min->yaml->value, max->yaml->value)
                  ? arena_printf(r->arena, "value: %s", spec_node_yaml(r, min))
                  : arena_printf(r->arena, "min: %s, max: %s", as_bound(r, d, FIELD_MAX, mixed),
                                 as_bound(r, d, FIELD_MIN, mixed)));
}

/* x with six digits, in a form that every YAML reader reads as a number. */
static const char *about_number(struct arena *a, double x)
{
    return spec_flow_number(a, strtod(arena_printf(a, "%.6g", x), NULL));
}

/* Some people who write exponents mean the bounds themselves, others mean powers of ten. */
void advice_on_exponents(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct parameter *p = f->parameter;
    const char *line = arena_printf(r->arena, "distribution: %s_values", space_kind_name(p->kind));
    bool inverse = p->kind == SPACE_INV_LOG_UNIFORM;
    double from = inverse ? -p->max : p->min, to = inverse ? -p->min : p->max;
    if (p->min > 0 && p->max < 1)
        line = arena_printf(r->arena, "%s, if %g to %g was meant", line, p->min, p->max);
    else if (f->sure)
        line = arena_printf(r->arena, "%s, min: %s, max: %s, if powers of ten were meant", line,
                            spec_flow_number(r->arena, pow(10, from)),
                            spec_flow_number(r->arena, pow(10, to)));
    else
        line = arena_printf(r->arena, "%s, min: %s, max: %s", line,
                            about_number(r->arena, exp(from)), about_number(r->arena, exp(to)));
    diags_fix(r->diags, said, line);
}

void advice_on_no_exponents(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(
        r->diags, said,
        arena_printf(r->arena, "distribution: %s_values", space_kind_name(f->parameter->kind)));
}

void advice_on_logarithm(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    double max = f->parameter->max, least = max > 1e-6 ? 1e-6 : max / 1000;
    diags_fix(r->diags, said,
              max > 0 ? arena_printf(r->arena, "min: %s", spec_flow_number(r->arena, least))
                      : "distribution: log_uniform");
}

void advice_on_steps(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said,
              arena_printf(r->arena, "q: %s", spec_flow_number(r->arena, f->number)));
}

void advice_on_off_steps(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct spec_draft *d = f->draft;
    const struct spec_node *min = &d->fields[FIELD_MIN], *max = &d->fields[FIELD_MAX];
    const char *q = d->present & FIELD_BIT(Q) ? spec_node_yaml(r, &d->fields[FIELD_Q]) : "1.0";
    diags_fix(r->diags, said,
              arena_printf(r->arena, "%s: {min: %s, max: %s, q: %s}, which counts from min in both",
                           d->node.key, spec_node_yaml(r, min), spec_node_yaml(r, max), q));
}

void advice_on_grid(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    const struct parameter *p = f->parameter;
    bool ends = p->kind == SPACE_UNIFORM || p->kind == SPACE_LOG_UNIFORM_VALUES ||
                p->kind == SPACE_INV_LOG_UNIFORM_VALUES || p->kind == SPACE_Q_LOG_UNIFORM_VALUES;
    const char *line = "method: random";
    if (ends)
        line = arena_printf(r->arena, "values: [%s, %s], or method: random",
                            spec_flow_number(r->arena, p->min), spec_flow_number(r->arena, p->max));
    else if (p->kind != SPACE_CATEGORICAL_P)
        line = "values: [0.1, 0.01], or method: random";
    diags_fix(r->diags, said, line);
}
