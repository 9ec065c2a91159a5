/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/parameter/spec_draft_read.h"

#include <string.h>
#include "base/diag/nearest.h"
#include "language/reader/spec_flow.h"
#include "language/reader/parameter/spec_kind.h"
#include "language/reader/spec_source.h"
#include "language/reader/parameter/spec_values.h"
#include "language/reader/spec_finding.h"

bool spec_draft_say_tight(struct spec_reader *r, const struct spec_node *n)
{
    return spec_source_say_tight_fields(r, n, true, spec_draft_fields, FIELD_COUNT,
                                        sizeof *spec_draft_fields);
}

static bool stands_before(const struct spec_node *a, const struct spec_node *b)
{
    return a->line < b->line || (a->line == b->line && a->column < b->column);
}

static bool looks_like_parameter(const struct yaml_node *n)
{
    return yaml_tree_find(n, "value") || yaml_tree_find(n, "values") || yaml_tree_find(n, "min") ||
           yaml_tree_find(n, "max") || yaml_tree_find(n, "distribution") ||
           yaml_tree_find(n, "parameters") || yaml_tree_find(n, "expr");
}

/* Names of other tools for W&B's fields. */
static const char *foreign_field(const char *key)
{
    static const struct {
        const char *foreign, *ours;
    } known[] = {
        {"condition", "when"},    {"conditions", "when"},
        {"if", "when"},           {"depends_on", "when"},
        {"only_if", "when"},      {"expression", "expr"},
        {"formula", "expr"},      {"compute", "expr"},
        {"computed", "expr"},     {"step", "q"},
        {"choices", "values"},    {"options", "values"},
        {"low", "min"},           {"high", "max"},
        {"mean", "mu"},           {"std", "sigma"},
        {"type", "distribution"}, {"weights", "probabilities"},
        {"lower", "min"},         {"upper", "max"},
        {"stddev", "sigma"},      {"loc", "mu"},
        {"scale", "sigma"},       {"probs", "probabilities"},
        {"categories", "values"}, {"list", "values"},
        {"dist", "distribution"}, {"constant", "value"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].foreign, key) == 0)
            return known[i].ours;
    return NULL;
}

/* {min:0.1}: without a space the colon is part of the key. */
static bool has_tight_colon(const struct spec_node *field)
{
    const char *colon = strchr(field->key, ':');
    bool name = colon && colon[1] && field->yaml->value->kind == VALUE_NULL;
    for (int i = 0; i < FIELD_COUNT && name; i++)
        if (strncmp(spec_draft_fields[i], field->key, (size_t)(colon - field->key)) == 0 &&
            spec_draft_fields[i][colon - field->key] == '\0')
            return true;
    return false;
}

/* Reports all such keys once, at the first of them. */
static bool say_tight_colon(struct spec_reader *r, const struct spec_draft *d,
                            const struct spec_node *field)
{
    struct spec_node first = *field;
    if (!has_tight_colon(field))
        return false;
    for (size_t i = 0; i < d->node.yaml->n; i++) {
        struct spec_node one = spec_node_entry(&d->node, i);
        if (has_tight_colon(&one) && stands_before(&one, &first))
            first = one;
    }
    spec_node_error_key(r, &first, SPEC_FOUND(TIGHT_KEY), "put a space after the ':'");
    return true;
}

/* `{min: 0,1}`: the field before this one, whose number the comma split; -1 if there is none. */
static int number_before(const struct spec_draft *d, const struct spec_node *field)
{
    size_t digits = strspn(field->key, "0123456789");
    if (digits == 0 || field->key[digits] || spec_node_kind(field) != VALUE_NULL)
        return -1;
    for (int i = 0; i < FIELD_COUNT; i++) {
        const struct yaml_node *n = d->fields[i].yaml;
        if (d->present & (1u << i) && i != FIELD_VALUES && n->value->kind == VALUE_INT &&
            n->end_line == field->line && n->end_column + 1 == field->column)
            return i;
    }
    return -1;
}

/* Reported at the key, because YAML may have warned of an octal number there. */
static bool say_decimal_comma(struct spec_reader *r, struct spec_draft *d,
                              const struct spec_node *field)
{
    int id = number_before(d, field);
    if (id < 0)
        return false;
    const struct spec_node *n = &d->fields[id];
    struct diag *said = spec_node_error(
        r, n, NULL,
        "within { } a comma ends the value: write a decimal point, not a decimal comma");
    if (said && field->end_column) {
        said->column = field->column;
        diags_end_at(said, field->line, field->end_column);
    }
    spec_finding_tell(r, said, n, SPEC_FOUND(DECIMAL_COMMA));
    d->present &= ~(1u << id); /* its value is unknown */
    return true;
}

/* Whether this is a mapping of parameters without `parameters:`: it holds a parameter, and no field
 * but `when`. */
static bool lacks_parameters(const struct spec_draft *d)
{
    bool found = false;
    for (size_t i = 0; i < d->node.yaml->n && !found; i++)
        found = looks_like_parameter(d->node.yaml->entries[i].node);
    return found && !(d->present & ~FIELD_BIT(WHEN));
}

/* Reports one mistake, not one for each member, at the first that looks like a parameter. */
static void say_lacks_parameters(struct spec_reader *r, const struct spec_draft *d)
{
    struct spec_node first = {0};
    for (size_t i = 0; i < d->node.yaml->n; i++) {
        struct spec_node one = spec_node_entry(&d->node, i);
        if (looks_like_parameter(one.yaml) && (!first.key || stands_before(&one, &first)))
            first = one;
    }
    spec_node_error_key(r, &first, SPEC_FOUND(NO_LEVEL, .draft = d),
                        "put nested parameters under `parameters:`");
}

static void say_unknown_field(struct spec_reader *r, struct spec_draft *d,
                              const struct spec_node *field)
{
    const char *key = field->key;
    if (say_tight_colon(r, d, field) || say_decimal_comma(r, d, field))
        return;
    const char *near = foreign_field(key);
    if (!near)
        near = nearest_name(key, spec_draft_fields, FIELD_COUNT, sizeof *spec_draft_fields);
    if (near && strcmp(near, "value") == 0 && field->yaml->value->kind == VALUE_LIST)
        near = "values";
    if (near && yaml_tree_find(d->node.yaml, near))
        near = NULL;
    const unsigned texts = FIELD_BIT(EXPR) | FIELD_BIT(WHEN);
    if (d->present & texts && field->yaml->value->kind == VALUE_NULL && !near)
        spec_node_error_key(r, field, SPEC_FOUND(CUT_TEXT),
                            "within { } a comma ends the text: put all of it in quotes");
    else if (d->present & FIELD_BIT(VALUES) && field->yaml->value->kind == VALUE_NULL && !near) {
        if (!spec_values_say_cut_off(r, &d->fields[FIELD_VALUES]))
            spec_node_error_key(r, field, SPEC_FOUND(NO_VALUES),
                                "without brackets a comma ends the value: put the list in [ ]");
    } else {
        spec_node_judge_key(r, field,
                            SPEC_FOUND(UNKNOWN_FIELD, .text = near, .sure = !foreign_field(key)),
                            "`%s` is not a field of a parameter", key);
    }
}

/* Reports the entries that look like parameters, in the order of the file, as one mistake. */
static size_t say_slipped(struct spec_reader *r, const struct spec_draft *d,
                          struct spec_node *unknown, size_t n)
{
    struct spec_node copy = {0};
    const struct spec_node *first = NULL;
    size_t kept = 0, slipped = 0;
    const char *more = "";
    for (size_t i = 0; i < n; i++) {
        if (d->present == 0 || !looks_like_parameter(unknown[i].yaml)) {
            unknown[kept++] = unknown[i];
            continue;
        }
        slipped++;
        if (!first || unknown[i].line < copy.line)
            copy = unknown[i];
        first = &copy;
    }
    if (slipped > 1)
        more = arena_printf(r->arena, ", and %zu more after it", slipped - 1);
    if (first)
        spec_node_error_key(r, first, SPEC_FOUND(SLIPPED),
                            "`%s` looks like a parameter that slipped into `%s`%s: indent %s less",
                            first->key, d->node.key, more, slipped > 1 ? "them" : "it");
    return kept;
}

bool spec_draft_read(struct spec_reader *r, struct spec_draft *d)
{
    enum { UNKNOWN_MAX = 8 };
    struct spec_node unknown[UNKNOWN_MAX];
    size_t n = 0;
    for (size_t i = 0; i < d->node.yaml->n; i++) {
        struct spec_node field = spec_node_entry(&d->node, i);
        int id = spec_draft_field(field.key);
        if (id >= 0) {
            d->present |= 1u << id;
            d->fields[id] = field;
        } else if (n < UNKNOWN_MAX) {
            unknown[n++] = field;
        }
    }
    bool ok = n == 0;
    size_t tight = 0;
    if (n > 0 && lacks_parameters(d)) {
        say_lacks_parameters(r, d);
        return false;
    }
    n = say_slipped(r, d, unknown, n);
    for (size_t i = 0; i < n; i++) {
        if (has_tight_colon(&unknown[i]) && tight++ > 0)
            continue;
        say_unknown_field(r, d, &unknown[i]);
        /* A text with commas counts as one mistake too. */
        if (d->present & (FIELD_BIT(EXPR) | FIELD_BIT(WHEN)) &&
            unknown[i].yaml->value->kind == VALUE_NULL)
            break;
    }
    return ok;
}
