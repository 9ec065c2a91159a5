/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/parameter/spec_values.h"

#include <math.h>
#include <string.h>
#include "language/reader/spec_flow.h"
#include "language/reader/spec_finding.h"
#include "language/reader/spec_source.h"

/* Of `{values: 16, 32}`, where to YAML 32 is a key of its own: the list that it was to be, or that
 * of an example. NULL where nothing is cut off. */
static const char *cut_by_commas(struct spec_reader *r, const struct spec_node *values)
{
    const struct yaml_node *parameter = values->up->yaml;
    struct yaml_node whole = *values->yaml;
    struct spec_node n = *values;
    size_t len;
    bool cut = false, below = false;
    for (size_t i = 0; i < parameter->n; i++) {
        const struct yaml_entry *e = &parameter->entries[i];
        if (e->node->value->kind != VALUE_NULL || e->line < whole.line ||
            (e->line == whole.line && e->column < whole.column))
            continue;
        cut = true;
        below = below || e->line > whole.line;
        if (e->line == whole.line && e->end_column > whole.end_column)
            whole.end_column = e->end_column;
    }
    n.yaml = &whole;
    const char *text = cut && !below ? spec_source_of(r, &n, &len) : NULL;
    if (text && len > 2 && text[0] == '(' && text[len - 1] == ')') {
        text++;
        len -= 2;
    }
    for (size_t i = 0; text && i < len; i++)
        if (strchr(":[](){}", text[i]))
            text = NULL;
    if (!cut || !text)
        return cut ? "values: [1, 2]" : NULL;
    return arena_printf(r->arena, "values: [%.*s]", (int)len, text);
}

bool spec_values_say_cut_off(struct spec_reader *r, const struct spec_node *values)
{
    const char *list = spec_node_kind(values) == VALUE_LIST ? NULL : cut_by_commas(r, values);
    if (list)
        spec_node_error(r, values, list, "without brackets a comma ends the value");
    return list;
}

static void say_no_list(struct spec_reader *r, const struct spec_node *values)
{
    if (spec_source_say_tight_dashes(r, values) || spec_values_say_cut_off(r, values))
        return;
    struct diag *said =
        spec_node_error(r, values, "values: [1, 2]", "`values` must be a list, and it is %s",
                        spec_node_kind_name(values));
    spec_finding_tell(r, said, &(struct spec_finding){SPEC_FOUND_NO_LIST, .node = values});
}

/* At the first value that was there before. */
static void say_repeats(struct spec_reader *r, const struct spec_node *values,
                        const struct parameter *p)
{
    size_t at = 0;
    while (at < p->distinct->list.n &&
           value_same(p->distinct->list.items[at], p->values->list.items[at]))
        at++;
    struct spec_node repeat = spec_node_item(values, at);
    spec_node_note(r, &repeat, NULL, "%s was there before: %zu of the %zu values are distinct",
                   spec_node_shown(r, &repeat), p->distinct->list.n, p->values->list.n);
}

bool spec_values_read(struct spec_reader *r, const struct spec_node *values, struct parameter *p)
{
    if (spec_node_kind(values) != VALUE_LIST) {
        say_no_list(r, values);
        return false;
    }
    if (values->yaml->n == 0) {
        spec_node_error(r, values, "values: [1, 2]", "`values` is an empty list");
        return false;
    }
    p->values = values->yaml->value;
    p->distinct = space_distinct(r->arena, p->values);
    if (p->distinct->list.n < p->values->list.n)
        say_repeats(r, values, p);
    return true;
}

/* As numpy.isclose(sum, 1), which W&B holds the sum against. */
static bool sums_to_one(double sum)
{
    return fabs(sum - 1) <= 1e-8 + 1e-5;
}

/* Probabilities to write instead: theirs, so that they sum to 1; where one lacks, what is left for
 * it; else all alike. NULL where that is long. */
static const char *probabilities_fix(struct spec_reader *r, const struct spec_node *node, size_t n)
{
    enum { SHOWN_MAX = 10 };
    const struct yaml_node *list = node->yaml;
    double theirs[SHOWN_MAX], sum = 0, rest = 1;
    size_t known = 0;
    if (n == 0 || n > SHOWN_MAX)
        return NULL;
    for (size_t i = 0; spec_node_kind(node) == VALUE_LIST && i < list->n && i < n; i++) {
        struct spec_node item = spec_node_item(node, i);
        struct spec_number number;
        if (spec_node_as_finite(&item, &number) && fabs(number.f) < 1e9)
            sum += theirs[known++] = fabs(number.f);
    }
    if (known + 1 == n && list->n == known && sum < 1) {
        theirs[known++] = 1 - sum;
        sum = 1;
    }
    const char *text = "";
    for (size_t i = 0; i < n; i++) {
        double one = known == n && sum > 0 ? theirs[i] / sum : 1 / (double)n;
        one = i + 1 < n ? rint(one * 1e4) / 1e4 : rint(rest * 1e4) / 1e4;
        one = one < 0 ? 0 : one;
        rest -= one;
        text = arena_printf(r->arena, "%s%s%.4g", text, i ? ", " : "", one);
    }
    return arena_printf(r->arena, "probabilities: [%s]", text);
}

static bool read_numbers(struct spec_reader *r, const struct spec_node *probabilities,
                         size_t values, double *list, double *ret_sum)
{
    for (size_t i = 0; i < probabilities->yaml->n; i++) {
        struct spec_node item = spec_node_item(probabilities, i);
        struct spec_number number;
        if (!spec_node_as_finite(&item, &number)) {
            spec_node_say_no_number(r, &item, probabilities_fix(r, probabilities, values));
            return false;
        }
        if (number.f < 0) {
            spec_node_error(r, &item, probabilities_fix(r, probabilities, values),
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
        spec_node_error(r, probabilities, probabilities_fix(r, probabilities, values),
                        "`probabilities` must be a list, and it is %s",
                        spec_node_kind_name(probabilities));
        return false;
    }
    if (!read_numbers(r, probabilities, values, list, &sum))
        return false;
    if (n != values) {
        spec_node_error(
            r, probabilities, probabilities_fix(r, probabilities, values),
            "each value needs its probability: there are %zu values and %zu probabilit%s", values,
            n, n == 1 ? "y" : "ies");
        return false;
    }
    if (sum <= 0 || !isfinite(sum)) {
        spec_node_error(r, probabilities, probabilities_fix(r, probabilities, values),
                        "the probabilities must sum to 1, not to %.6g", sum);
        return false;
    }
    bool whole = sums_to_one(sum);
    if (!whole)
        spec_node_warn(r, probabilities, probabilities_fix(r, probabilities, values),
                       "the probabilities sum to %.6g, not to 1: each is taken as its part of that",
                       sum);
    for (size_t i = 0; i < n; i++) {
        struct spec_node item = spec_node_item(probabilities, i);
        list[i] = whole ? list[i] : list[i] / sum;
        struct spec_number number;
        if (spec_node_as_number(&item, &number))
            spec_node_say_text_is_number(r, &item, &number);
    }
    p->probabilities = list;
    return true;
}
