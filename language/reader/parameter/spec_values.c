/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/parameter/spec_values.h"

#include <math.h>
#include <string.h>
#include "language/reader/spec_flow.h"
#include "language/reader/spec_finding.h"
#include "language/reader/spec_source.h"
#include "language/reader/spec_value.h"

bool spec_values_is_cut(const struct spec_node *values, const struct yaml_entry *e)
{
    const struct yaml_node *y = values->yaml;
    return e->node->value->kind == VALUE_NULL &&
           (e->line > y->line || (e->line == y->line && e->column >= y->column));
}

bool spec_values_say_cut_off(struct spec_reader *r, const struct spec_node *values)
{
    const struct yaml_node *parameter = values->up->yaml;
    bool cut = false;
    for (size_t i = 0; spec_node_kind(values) != VALUE_LIST && i < parameter->n; i++)
        cut = cut || spec_values_is_cut(values, &parameter->entries[i]);
    if (cut)
        spec_node_error(r, values, SPEC_FOUND(CUT_OFF), "without brackets a comma ends the value");
    return cut;
}

static void say_no_list(struct spec_reader *r, const struct spec_node *values)
{
    if (spec_source_say_tight_dashes(r, values) || spec_values_say_cut_off(r, values))
        return;
    spec_node_error(r, values, SPEC_FOUND(NO_LIST), "`values` must be a list, not %s",
                    spec_node_kind_name(values));
}

/* Reports repeated values at the first repeat. */
static void say_repeats(struct spec_reader *r, const struct spec_node *values,
                        const struct parameter *p)
{
    size_t at = 0;
    while (at < p->distinct->list.n &&
           value_same(p->distinct->list.items[at], p->values->list.items[at]))
        at++;
    struct spec_node repeat = spec_node_item(values, at);
    /* Advice explains [(3, 3), (3, 5)] better. */
    if (spec_node_kind(&repeat) == VALUE_STR && strspn(repeat.yaml->value->s.ptr, "(") > 0)
        return;
    spec_node_note(r, &repeat, NULL, "%s is repeated: %zu of the %zu values are distinct",
                   spec_node_shown(r, &repeat), p->distinct->list.n, p->values->list.n);
}

bool spec_values_read(struct spec_reader *r, const struct spec_node *values, struct parameter *p)
{
    if (spec_node_kind(values) != VALUE_LIST) {
        say_no_list(r, values);
        return false;
    }
    if (values->yaml->n == 0) {
        spec_node_error(r, values, SPEC_FOUND(NO_VALUES), "`values` is an empty list");
        return false;
    }
    p->values = values->yaml->value;
    p->distinct = space_distinct(r->arena, p->values);
    if (p->distinct->list.n < p->values->list.n)
        say_repeats(r, values, p);
    return true;
}

/* Like numpy.isclose(sum, 1), which W&B applies to the sum. */
static bool sums_to_one(double sum)
{
    return fabs(sum - 1) <= 1e-8 + 1e-5;
}

static bool read_numbers(struct spec_reader *r, const struct spec_node *probabilities, double *list,
                         double *ret_sum)
{
    for (size_t i = 0; i < probabilities->yaml->n; i++) {
        struct spec_node item = spec_node_item(probabilities, i);
        struct spec_number number;
        if (!spec_node_as_finite(&item, &number)) {
            spec_value_say_no_number(r, &item, SPEC_FOUND(PROBABILITIES, .node = probabilities));
            return false;
        }
        if (number.f < 0) {
            spec_node_error(r, &item, SPEC_FOUND(PROBABILITIES, .node = probabilities),
                            "a probability cannot be negative");
            return false;
        }
        list[i] = number.f;
        *ret_sum += number.f;
    }
    return true;
}

bool spec_values_read_probabilities(struct spec_reader *r, const struct spec_node *probabilities,
                                    struct parameter *p)
{
    size_t n = probabilities->yaml->n, values = p->values ? p->values->list.n : n;
    double *list = arena_alloc(r->arena, (n + 1) * sizeof *list), sum = 0;
    if (spec_node_kind(probabilities) != VALUE_LIST) {
        spec_node_error(r, probabilities, SPEC_FOUND(PROBABILITIES),
                        "`probabilities` must be a list, not %s",
                        spec_node_kind_name(probabilities));
        return false;
    }
    if (!read_numbers(r, probabilities, list, &sum))
        return false;
    if (n != values) {
        spec_node_error(r, probabilities, SPEC_FOUND(PROBABILITIES),
                        "each value needs a probability: there are %zu values and %zu probabilit%s",
                        values, n, n == 1 ? "y" : "ies");
        return false;
    }
    if (sum <= 0 || !isfinite(sum)) {
        spec_node_error(r, probabilities, SPEC_FOUND(PROBABILITIES),
                        "the probabilities must sum to 1, not to %.6g", sum);
        return false;
    }
    bool whole = sums_to_one(sum);
    if (!whole)
        spec_node_warn(r, probabilities, SPEC_FOUND(PROBABILITIES),
                       "the probabilities sum to %.6g, not to 1: each is divided by that sum", sum);
    for (size_t i = 0; i < n; i++) {
        struct spec_node item = spec_node_item(probabilities, i);
        list[i] = whole ? list[i] : list[i] / sum;
        spec_value_say_text(r, &item);
    }
    p->probabilities = list;
    return true;
}
