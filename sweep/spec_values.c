/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/spec_values.h"

#include <math.h>

bool spec_values_read(struct spec_reader *r, const struct spec_node *values, struct parameter *p)
{
    if (spec_node_kind(values) != VALUE_LIST) {
        const char *shown = spec_node_shown(r, values);
        spec_node_error(r, values,
                        spec_node_kind(values) == VALUE_NULL
                            ? "values: [1, 2]"
                            : arena_printf(r->arena, "value: %s, or values: [%s]", shown, shown),
                        "`values` must be a list, and it is %s", spec_node_kind_name(values));
        return false;
    }
    if (values->yaml->n == 0) {
        spec_node_error(r, values, "values: [1, 2]", "`values` is an empty list");
        return false;
    }
    p->values = values->yaml->value;
    p->distinct = space_distinct(r->arena, p->values);
    if (p->distinct->list.n < p->values->list.n)
        spec_node_note(r, values, NULL, "%zu of the %zu values are distinct", p->distinct->list.n,
                       p->values->list.n);
    return true;
}

/* As numpy.isclose(sum, 1), which W&B holds the sum against. */
static bool sums_to_one(double sum)
{
    return fabs(sum - 1) <= 1e-8 + 1e-5;
}

bool spec_values_read_probabilities(struct spec_reader *r, const struct spec_node *probabilities,
                                    struct parameter *p)
{
    if (spec_node_kind(probabilities) != VALUE_LIST) {
        spec_node_error(r, probabilities, "probabilities: [0.5, 0.5]",
                        "`probabilities` must be a list, and it is %s",
                        spec_node_kind_name(probabilities));
        return false;
    }
    size_t n = probabilities->yaml->n;
    double *list = arena_alloc(r->arena, (n + 1) * sizeof *list), sum = 0;
    for (size_t i = 0; i < n; i++) {
        struct spec_node item = spec_node_item(probabilities, i);
        struct spec_number number;
        if (!spec_node_number(r, &item, &number))
            return false;
        if (number.f < 0) {
            spec_node_error(r, &item, "0", "a probability cannot be negative");
            return false;
        }
        list[i] = number.f;
        sum += number.f;
    }
    if (p->values && n != p->values->list.n) {
        spec_node_error(
            r, probabilities, NULL,
            "each value needs its probability: there are %zu values and %zu probabilities",
            p->values->list.n, n);
        return false;
    }
    if (!sums_to_one(sum)) {
        spec_node_error(r, probabilities, NULL, "the probabilities must sum to 1, not to %.6g",
                        sum);
        return false;
    }
    p->probabilities = list;
    return true;
}
