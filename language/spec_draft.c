/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/spec_draft.h"

#include <string.h>
#include "base/nearest.h"
#include "language/spec_flow.h"
#include "language/spec_kind.h"
#include "language/spec_source.h"

static const char *const field_names[FIELD_COUNT] = {
#define X(id, name) [FIELD_##id] = name,
    SPEC_DRAFT_FIELDS(X)
#undef X
};

const char *spec_draft_field_name(enum spec_field field)
{
    return field_names[field];
}

static int field_find(const char *name)
{
    for (int i = 0; i < FIELD_COUNT; i++)
        if (strcmp(field_names[i], name) == 0)
            return i;
    return -1;
}

bool spec_draft_is_field(const char *key)
{
    return field_find(key) >= 0;
}

bool spec_draft_say_tight(struct spec_reader *r, const struct spec_node *n)
{
    return spec_source_say_tight_fields(r, n, true, field_names, FIELD_COUNT, sizeof *field_names);
}

static bool stands_before(const struct spec_node *a, const struct spec_node *b)
{
    return a->line < b->line || (a->line == b->line && a->column < b->column);
}

/* The fields among these in the order of the file. */
static size_t in_order(const struct spec_draft *d, unsigned fields, int ids[FIELD_COUNT])
{
    size_t n = 0;
    for (int id = 0; id < FIELD_COUNT; id++) {
        size_t k = n;
        if (!(fields & d->present & (1u << id)))
            continue;
        for (; k > 0 && stands_before(&d->fields[id], &d->fields[ids[k - 1]]); k--)
            ids[k] = ids[k - 1];
        ids[k] = id;
        n++;
    }
    return n;
}

const struct spec_node *spec_draft_first(const struct spec_draft *d, unsigned fields)
{
    int ids[FIELD_COUNT];
    return in_order(d, fields, ids) ? &d->fields[ids[0]] : &d->node;
}

const char *spec_draft_line(struct spec_reader *r, const struct spec_draft *d, unsigned fields)
{
    enum { LINE_BYTES = 100 };
    int ids[FIELD_COUNT];
    struct buf line;
    size_t n = in_order(d, fields, ids);
    bool whole = true;
    buf_init(&line, LINE_BYTES);
    buf_addf(&line, "%s: {", d->node.key);
    for (size_t i = 0; i < n; i++) {
        const char *value = spec_flow_text(r->arena, d->fields[ids[i]].yaml);
        whole = whole && value;
        buf_addf(&line, "%s%s: %s", i ? ", " : "", field_names[ids[i]], value ? value : "");
    }
    buf_addc(&line, '}');
    whole = whole && !line.overflow;
    const char *text = whole ? arena_strndup(r->arena, line.data, line.len) : NULL;
    buf_done(&line);
    return text;
}

const char *spec_draft_names(struct spec_reader *r, unsigned fields)
{
    const char *names = "";
    for (int i = 0; i < FIELD_COUNT; i++) {
        /* People say min before max; the alphabet does not. */
        int id = i == FIELD_MAX ? FIELD_MIN : i == FIELD_MIN ? FIELD_MAX : i;
        unsigned rest = fields & ~(1u << id);
        if (!(fields & (1u << id)))
            continue;
        names = arena_printf(r->arena, "%s`%s`%s", names, field_names[id],
                             !rest                 ? ""
                             : (rest & (rest - 1)) ? ", "
                                                   : " and ");
        fields = rest;
    }
    return names;
}

static bool looks_like_parameter(const struct yaml_node *n)
{
    return yaml_tree_find(n, "value") || yaml_tree_find(n, "values") || yaml_tree_find(n, "min") ||
           yaml_tree_find(n, "max") || yaml_tree_find(n, "distribution") ||
           yaml_tree_find(n, "parameters") || yaml_tree_find(n, "expr");
}

/* What other tools call a field of ours. */
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

/* {min:0.1}: without a blank the colon is part of the key. */
static const char *tight_colon(const struct spec_node *field)
{
    const char *colon = strchr(field->key, ':');
    bool name = colon && colon[1] && field->yaml->value->kind == VALUE_NULL;
    for (int i = 0; i < FIELD_COUNT && name; i++)
        if (strncmp(field_names[i], field->key, (size_t)(colon - field->key)) == 0 &&
            field_names[i][colon - field->key] == '\0')
            return colon;
    return NULL;
}

/* All that stand so, at the first of them. */
static bool say_tight_colon(struct spec_reader *r, const struct spec_draft *d,
                            const struct spec_node *field)
{
    struct spec_node first = *field;
    if (!tight_colon(field))
        return false;
    for (size_t i = 0; i < d->node.yaml->n; i++) {
        struct spec_node one = spec_node_entry(&d->node, i);
        if (tight_colon(&one) && stands_before(&one, &first))
            first = one;
    }
    const char *colon = tight_colon(&first);
    spec_node_error_key(
        r, &first,
        arena_printf(r->arena, "%.*s: %s", (int)(colon - first.key), first.key, colon + 1),
        "a blank is missing behind the ':'");
    return true;
}

/* The field's line under another name; `type: int` says what distribution is meant. */
static const char *renamed(struct spec_reader *r, const char *name, const struct spec_node *field)
{
    const struct value *v = field->yaml->value;
    const char *text = spec_flow_text(r->arena, field->yaml);
    if (strcmp(field->key, "type") == 0)
        text = v->kind == VALUE_STR ? spec_kind_near(v->s.ptr) : NULL;
    if (strcmp(field->key, "type") == 0 && !text)
        return NULL;
    return arena_printf(r->arena, "%s:%s%s", name, text ? " " : "", text ? text : "");
}

static void say_unknown_field(struct spec_reader *r, const struct spec_draft *d,
                              const struct spec_node *field)
{
    const char *key = field->key;
    if (say_tight_colon(r, d, field))
        return;
    const char *near = foreign_field(key);
    if (!near)
        near = nearest_name(key, field_names, FIELD_COUNT, sizeof *field_names);
    if (near && strcmp(near, "value") == 0 && field->yaml->value->kind == VALUE_LIST)
        near = "values";
    if (near && yaml_tree_find(d->node.yaml, near))
        near = NULL;
    const unsigned texts = FIELD_BIT(EXPR) | FIELD_BIT(WHEN);
    if (d->present & texts && field->yaml->value->kind == VALUE_NULL && !near)
        spec_node_error_key(r, field, "expr: 'max(a, b)'",
                            "within { } a comma ends a text: put the whole of it in quotes");
    else if (looks_like_parameter(field->yaml) && !(d->present & ~FIELD_BIT(WHEN)))
        spec_node_error_key(r, field,
                            arena_printf(r->arena, "%s: {parameters: {%s: {…}}}", d->node.key, key),
                            "nested parameters stand under `parameters:`");
    else if (d->present & FIELD_BIT(VALUES) && field->yaml->value->kind == VALUE_NULL && !near)
        spec_node_error_key(r, field, "values: [1, 2]",
                            "without brackets a comma ends the value: put the list in [ ]");
    else {
        const char *kind = spec_kind_of_key(r, field);
        struct diag *said = spec_node_error_key(r, field,
                                                kind   ? kind
                                                : near ? renamed(r, near, field)
                                                       : NULL,
                                                "`%s` is not a field of a parameter", key);
        if (!foreign_field(key))
            spec_node_replace_slip(r, said, field, field_names, FIELD_COUNT, sizeof *field_names);
    }
}

/* Those that look like parameters of their own, in the order of the file: one mistake. */
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
        more = arena_printf(r->arena, ", and %zu more behind it", slipped - 1);
    if (first)
        spec_node_error_key(r, first,
                            arena_printf(r->arena, "%s: …   in column %d, as %s is", first->key,
                                         d->node.column, d->node.key),
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
        int id = field_find(field.key);
        if (id >= 0) {
            d->present |= 1u << id;
            d->fields[id] = field;
        } else if (n < UNKNOWN_MAX) {
            unknown[n++] = field;
        }
    }
    bool ok = n == 0;
    size_t tight = 0;
    n = say_slipped(r, d, unknown, n);
    for (size_t i = 0; i < n; i++) {
        if (tight_colon(&unknown[i]) && tight++ > 0)
            continue;
        say_unknown_field(r, d, &unknown[i]);
        /* A mapping of parameters that lacks its `parameters:` is one mistake, not as many as it
         * holds; a text with commas too. */
        if (looks_like_parameter(unknown[i].yaml) && !(d->present & ~FIELD_BIT(WHEN)))
            break;
        if (d->present & (FIELD_BIT(EXPR) | FIELD_BIT(WHEN)) &&
            unknown[i].yaml->value->kind == VALUE_NULL)
            break;
    }
    return ok;
}
