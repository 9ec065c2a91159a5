/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "language/advice/advice_part.h"
#include "language/reader/parameter/spec_values.h"
#include "language/reader/spec_source.h"

/* In `{values: 16, 32}` YAML reads 32 as a key of its own. Returns the intended list, or an example
 * if it cannot be restored. */
static const char *cut_by_commas(struct spec_reader *r, const struct spec_node *values)
{
    const struct yaml_node *parameter = values->up->yaml;
    struct yaml_node whole = *values->yaml;
    struct spec_node n = *values;
    size_t len;
    bool below = false;
    for (size_t i = 0; i < parameter->n; i++) {
        const struct yaml_entry *e = &parameter->entries[i];
        if (!spec_values_is_cut(values, e))
            continue;
        below = below || e->line > whole.line;
        if (e->line == whole.line && e->end_column > whole.end_column)
            whole.end_column = e->end_column;
    }
    n.yaml = &whole;
    const char *text = !below ? spec_source_of(r, &n, &len) : NULL;
    if (text && len > 2 && text[0] == '(' && text[len - 1] == ')') {
        text++;
        len -= 2;
    }
    for (size_t i = 0; text && i < len; i++)
        if (strchr(":[](){}", text[i]))
            text = NULL;
    if (!text)
        return "values: [1, 2]";
    return arena_printf(r->arena, "values: [%.*s]", (int)len, text);
}

void advice_on_cut_off(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said, cut_by_commas(r, f->node));
}

/* Probabilities to suggest: the given ones scaled to sum to 1; if one is missing, it gets the
 * remainder; otherwise equal ones. NULL if the line would be long. */
static const char *probabilities_line(struct spec_reader *r, const struct spec_node *node)
{
    enum { SHOWN_MAX = 10 };
    const struct yaml_node *list = node->yaml;
    double theirs[SHOWN_MAX], sum = 0, rest = 1;
    struct spec_node values;
    size_t known = 0, n = list->n;
    if (spec_node_get(node->up, "values", &values))
        n = values.yaml->n;
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

void advice_on_probabilities(struct spec_reader *r, struct diag *said, const struct spec_finding *f)
{
    diags_fix(r->diags, said, probabilities_line(r, f->node));
}
