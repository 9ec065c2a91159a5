/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/parameter/spec_parameter.h"

#include <string.h>
#include "base/limits.h"
#include "language/reader/condition/spec_condition.h"
#include "language/reader/parameter/spec_draft_read.h"
#include "language/reader/spec_flow.h"
#include "language/reader/parameter/spec_flag.h"
#include "language/reader/parameter/spec_indent.h"
#include "language/reader/parameter/spec_kind.h"
#include "language/reader/spec_finding.h"
#include "language/reader/parameter/spec_range.h"
#include "language/reader/spec_source.h"
#include "language/reader/parameter/spec_values.h"

enum { ENOUGH_ERRORS = 150 };

struct builder {
    struct spec_reader *r;
    struct spec *spec;
    bool grid;
    struct parameter *items;
    struct spec_claim *claims; /* one per item */
    size_t n, cap;
    bool too_many;
    struct spec_names names;
};

/* Whether the list looks like choices: scalars without repeats, unlike a size such as [32, 32] or a
 * table. */
static bool looks_like_choices(const struct value *v)
{
    enum { COMPARED_MAX = 30 };
    size_t n = v->kind == VALUE_LIST ? v->list.n : 0;
    for (size_t i = 0; i < n && i < COMPARED_MAX; i++) {
        if (v->list.items[i]->kind >= VALUE_LIST)
            return false;
        for (size_t k = 0; k < i; k++)
            if (value_same(v->list.items[i], v->list.items[k]))
                return false;
    }
    return n > 1;
}

static void read_constant(struct spec_reader *r, const struct spec_draft *d, struct parameter *p)
{
    const struct spec_node *n = &d->fields[FIELD_VALUE];
    p->value = n->yaml->value;
    if (looks_like_choices(p->value))
        spec_node_note(r, n, SPEC_FOUND(NO_CHOICE),
                       "`value` is one constant, so each trial gets the whole list");
}

static void check_grid(struct spec_reader *r, const struct spec_draft *d, const struct parameter *p)
{
    if (space_grid_allows(p))
        return;
    spec_node_error_key(r, &d->node, SPEC_FOUND(GRID, .parameter = p),
                        "a grid needs values, int_uniform or q_uniform, not %s",
                        space_kind_name(p->kind));
}

static void set_path(struct arena *a, const struct spec_node *node, size_t depth, const char *name,
                     struct parameter *p)
{
    /* node, `parameters`, node above, `parameters`, … the root */
    const char **path = arena_alloc(a, depth * sizeof *path);
    const struct spec_node *at = node;
    for (size_t i = depth; i-- > 0; at = at->up->up)
        path[i] = at->key;
    p->name = name;
    p->path = path;
    p->depth = depth;
}

/* A copy that outlives the reader's position, for diagnostics that come later. */
static struct spec_node *keep_node(struct arena *a, const struct spec_node *n,
                                   const struct spec_node *up)
{
    struct spec_node *kept = arena_alloc(a, sizeof *kept);
    *kept = *n;
    kept->up = up;
    return kept;
}

static const struct spec_node *keep_field(struct arena *a, const struct spec_draft *d,
                                          enum spec_field field, const struct spec_node *up)
{
    return d->present & (1u << field) ? keep_node(a, &d->fields[field], up) : NULL;
}

static bool read_fields(struct spec_reader *r, const struct spec_draft *d, struct parameter *p)
{
    unsigned allowed = spec_kind_fields(p->kind);
    if (allowed & FIELD_BIT(MIN) && !spec_range_read(r, d, p))
        return false;
    if (allowed & FIELD_BIT(Q) && !spec_range_read_q(r, d, p))
        return false;
    if (allowed & (FIELD_BIT(MU) | FIELD_BIT(A)) && !spec_range_read_shape(r, d, p))
        return false;
    if (allowed & FIELD_BIT(Q) && p->kind != SPACE_INT_UNIFORM)
        spec_range_check_steps(r, d, p);
    if (allowed & FIELD_BIT(VALUES) && !spec_values_read(r, &d->fields[FIELD_VALUES], p))
        return false;
    if (allowed & FIELD_BIT(PROBABILITIES) &&
        !spec_values_read_probabilities(r, &d->fields[FIELD_PROBABILITIES], p))
        return false;
    if (allowed & FIELD_BIT(VALUE))
        read_constant(r, d, p);
    return true;
}

/* Checks the other fields of a parameter that has a wrong field. */
static void look_at_rest(struct spec_reader *r, const struct spec_draft *d)
{
    struct parameter unused = {0};
    if (spec_kind_guess(d, &unused.kind))
        read_fields(r, d, &unused);
}

static void *grow_items(struct arena *a, const void *items, size_t n, size_t cap, size_t bytes)
{
    void *more = arena_alloc(a, cap * bytes);
    if (n)
        memcpy(more, items, n * bytes);
    return more;
}

/* Reports `a.b` together with a group a of b: W&B keeps the two apart, tables and conditions
 * cannot. */
static void say_collision(struct builder *b, const struct spec_draft *d, const struct parameter *p)
{
    const struct spec_name *first = spec_names_find(&b->names, NULL, p->name, strlen(p->name));
    if (!first || first->kind == SPEC_NAME_BROKEN)
        return;
    const char *what = first->kind == SPEC_NAME_GROUP ? "the group" : "the parameter";
    if (first->kind == SPEC_NAME_PARAMETER)
        what = arena_printf(b->r->arena, "the parameter in line %d",
                            b->claims[first->index].node->line);
    spec_node_warn_key(b->r, &d->node, NULL,
                       "the name `%s` is used twice: trials get both values, but tables show one "
                       "name for the two, and conditions refer to %s; rename this one",
                       p->name, what);
}

static void parameter_add(struct builder *b, const struct spec_draft *d, const struct parameter *p,
                          const struct spec_claim *claim)
{
    struct arena *a = b->r->arena;
    if (b->n == LIMIT_PARAMETERS) {
        if (!b->too_many)
            spec_node_error_key(b->r, &d->node, NULL, "more than %d parameters", LIMIT_PARAMETERS);
        b->too_many = true;
        return;
    }
    if (b->n == b->cap) {
        b->cap = b->cap ? b->cap * 2 : 16;
        b->items = grow_items(a, b->items, b->n, b->cap, sizeof *b->items);
        b->claims = grow_items(a, b->claims, b->n, b->cap, sizeof *b->claims);
    }
    say_collision(b, d, p);
    spec_names_add(&b->names, a, p->name, SPEC_NAME_PARAMETER, b->n);
    b->claims[b->n] = *claim;
    b->items[b->n++] = *p;
}

static bool name_ok(const char *name)
{
    if (!(strchr("_", *name) || ((*name | 0x20) >= 'a' && (*name | 0x20) <= 'z')) || !*name)
        return false;
    for (const char *p = name; *p; p++)
        if (!strchr("_.-", *p) && !((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z') &&
            !(*p >= '0' && *p <= '9'))
            return false;
    return true;
}

static bool check_name(struct spec_reader *r, const struct spec_node *n, size_t depth)
{
    if (name_ok(n->key))
        return true;
    const char *rule =
        "a name may have letters, digits, '_', '.' and '-', and must begin with a letter or '_'";
    if (depth == 1) {
        /* Several such names are usually one mistake: report only the first. */
        for (size_t i = 0; n->up && i < n->up->yaml->n; i++) {
            const char *other = n->up->yaml->entries[i].key;
            if (strcmp(other, n->key) == 0)
                break;
            if (!name_ok(other) && *other == *n->key)
                return true;
        }
        spec_node_warn_key(r, n, *n->key == '+' ? SPEC_FOUND(HYDRA_NAME) : NULL,
                           "%s; W&B accepts this one with a warning", rule);
        return true;
    }
    spec_node_judge_key(r, n, NULL, "%s; W&B refuses other names of nested parameters", rule);
    return r->stored;
}

static void read_level(struct builder *b, const struct spec_node *parameters, size_t depth,
                       struct spec_scope *scope);

/* `lr: - min: 0.1`: the fields of one parameter as a list. */
static bool say_dashed(struct spec_reader *r, const struct spec_node *node)
{
    bool dashed = spec_node_is_dashed(node);
    for (size_t i = 0; dashed && i < node->yaml->n; i++)
        for (size_t k = 0; dashed && k < node->yaml->items[i]->n; k++)
            dashed = spec_draft_is_field(node->yaml->items[i]->entries[k].key);
    if (dashed)
        spec_node_error(r, node, SPEC_FOUND(DASHED),
                        "a parameter is a mapping, not a list: leave out the dash%s",
                        node->yaml->n > 1 ? "es" : "");
    return dashed;
}

static bool check_mapping(struct spec_reader *r, const struct spec_node *node)
{
    if (spec_node_kind(node) == VALUE_DICT)
        return true;
    if (spec_draft_say_tight(r, node) || say_dashed(r, node))
        return false;
    /* If YAML has a note about this node, only the user knows what is meant. */
    bool sure = !spec_node_has_diag(r, node->yaml, DIAG_NOTE);
    spec_node_error(r, node, SPEC_FOUND(NO_MAPPING, .sure = sure),
                    "a parameter must be a mapping, not %s", spec_node_kind_name(node));
    return false;
}

static void read_group(struct builder *b, const struct spec_draft *d, const char *name,
                       struct spec_scope *up)
{
    struct arena *a = b->r->arena;
    const struct spec_node *node = keep_node(a, &d->node, d->node.up);
    struct spec_scope *scope = arena_alloc(a, sizeof *scope);
    *scope =
        (struct spec_scope){.up = up, .group = name, .when = keep_field(a, d, FIELD_WHEN, node)};
    spec_names_add(&b->names, a, name, SPEC_NAME_GROUP, 0);
    read_level(b, keep_field(a, d, FIELD_PARAMETERS, node), d->depth + 1, scope);
}

static bool read_parameter(struct builder *b, struct spec_draft *d, const char *name,
                           struct spec_scope *scope)
{
    struct arena *a = b->r->arena;
    struct parameter p = {0};
    if (!spec_kind_find(b->r, d, &p.kind)) {
        look_at_rest(b->r, d);
        return false;
    }
    if (!read_fields(b->r, d, &p))
        return false;
    set_path(a, &d->node, d->depth, name, &p);
    if (d->present & FIELD_BIT(FLAG))
        spec_flag_read(b->r, d, &p, b->spec);
    if (b->grid)
        check_grid(b->r, d, &p);
    const struct spec_node *node = keep_node(a, &d->node, d->node.up);
    struct spec_claim claim = {
        .scope = scope,
        .node = node,
        .when = keep_field(a, d, FIELD_WHEN, node),
        .expr = keep_field(a, d, FIELD_EXPR, node),
    };
    parameter_add(b, d, &p, &claim);
    return true;
}

static const char *full_name(struct spec_reader *r, const struct spec_scope *scope, const char *key)
{
    return scope->group ? arena_printf(r->arena, "%s.%s", scope->group, key) : key;
}

static void read_one(struct builder *b, const struct spec_node *node, size_t depth,
                     struct spec_scope *scope)
{
    struct spec_reader *r = b->r;
    struct spec_draft d = {.node = *node, .depth = depth};
    const unsigned group = FIELD_BIT(PARAMETERS);
    const char *name = full_name(r, scope, node->key);
    bool known = check_name(r, node, depth) && check_mapping(r, node);
    bool ok = known && spec_draft_read(r, &d);
    bool whole =
        ok && (d.present & ~FIELD_BIT(WHEN)) != group && read_parameter(b, &d, name, scope);
    if (known && !ok)
        look_at_rest(r, &d);
    if (d.present & group)
        read_group(b, &d, name, scope);
    else if (!whole)
        spec_names_add(&b->names, r->arena, name, SPEC_NAME_BROKEN, 0);
}

static void read_level(struct builder *b, const struct spec_node *parameters, size_t depth,
                       struct spec_scope *scope)
{
    if (spec_node_kind(parameters) != VALUE_DICT || parameters->yaml->n == 0) {
        bool empty = spec_node_kind(parameters) == VALUE_DICT;
        if (spec_node_is_dashed(parameters)) {
            spec_node_error(b->r, parameters, SPEC_FOUND(DASHED_PARAMETERS),
                            "`parameters` is a mapping, not a list: leave out the "
                            "dashes");
            return;
        }
        spec_node_error(b->r, parameters, SPEC_FOUND(NO_PARAMETERS),
                        "`parameters` must be a mapping of at least one parameter, not %s",
                        empty ? "an empty mapping" : spec_node_kind_name(parameters));
        return;
    }
    /* Further diagnostics are cut from the list anyway (base/diag/diag.c), and each takes memory to
     * word. */
    struct spec_indent indent;
    spec_indent_find(b->r, parameters, &indent);
    for (size_t i = 0; i < parameters->yaml->n && b->r->diags->errors < ENOUGH_ERRORS; i++) {
        struct spec_node node = spec_node_entry(parameters, i);
        if (spec_indent_has(&indent, i))
            spec_names_add(&b->names, b->r->arena, full_name(b->r, scope, node.key),
                           SPEC_NAME_BROKEN, 0);
        else
            read_one(b, &node, depth, scope);
    }
}

void spec_parameter_read_all(struct spec_reader *r, struct spec *s, bool method_known,
                             const struct spec_node *parameters, const struct spec_node *forbid)
{
    struct builder b = {.r = r, .spec = s, .grid = method_known && s->method == SPEC_GRID};
    struct spec_scope *root = arena_alloc(r->arena, sizeof *root);
    spec_names_init(&b.names);
    read_level(&b, parameters, 1, root);
    s->space = (struct space){.parameters = b.items, .n = b.n};
    if (r->diags->errors < ENOUGH_ERRORS)
        spec_condition_read(r, s, b.items, b.claims, &b.names, forbid);
    spec_names_done(&b.names);
}
