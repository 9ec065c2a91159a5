/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/condition/spec_when.h"

#include <string.h>
#include "base/limits.h"
#include "language/reader/condition/spec_domain.h"
#include "language/reader/spec_finding.h"

static void say_unknown(const struct spec_expr *x, const char *group, const struct spec_node *n)
{
    struct spec_reader *r = x->r;
    const char *only, *elsewhere = spec_names_elsewhere(x->names, r, n->key, &only);
    if (!elsewhere) {
        const char *near = spec_names_near(x->names, r, group, n->key, strlen(n->key));
        spec_node_error_key(r, n, SPEC_FOUND(NAME, .text = near), "there is no parameter `%s`",
                            n->key);
        return;
    }
    spec_node_error_key(r, n, SPEC_FOUND(NAME, .text = only, .sure = true),
                        "there is no parameter `%s` here, only %s", n->key, elsewhere);
}

/* Finds a parameter by name, or reports that it is unknown. False also if the parameter is invalid.
 */
static bool find_parent(const struct spec_expr *x, const char *group, const struct spec_node *n,
                        size_t *ret)
{
    struct spec_reader *r = x->r;
    const struct spec_name *found = spec_names_find(x->names, group, n->key, strlen(n->key));
    if (!found) {
        say_unknown(x, group, n);
        return false;
    }
    if (found->kind == SPEC_NAME_GROUP)
        spec_node_error_key(r, n, SPEC_FOUND(NAME, .text = spec_expr_members(x, found->name)),
                            "`%s` is a group: name one of its parameters", n->key);
    *ret = found->index;
    return found->kind == SPEC_NAME_PARAMETER;
}

/* Whether a value such as "> 0.1" is meant as a comparison, which is a text of its own. */
static bool is_comparison(const struct value *v)
{
    return v->kind == VALUE_STR &&
           (strchr("<>", v->s.ptr[0]) || strncmp(v->s.ptr, "!=", 2) == 0 ||
            strncmp(v->s.ptr, "==", 2) == 0) &&
           v->s.len > 1;
}

/* Reports a value that the parent never has. False if it is an error. */
static bool say_never(struct spec_reader *r, const struct parameter *parent,
                      const struct spec_node *n)
{
    const struct value *v = n->yaml->value;
    bool comparison = is_comparison(v);
    if (r->diags->n > LIMIT_DIAGS && !comparison && !spec_domain_continuous(parent))
        return true; /* the diagnostic would not be shown */
    const char *shown = spec_node_shown(r, n), *domain = spec_domain_text(r, parent);
    if (comparison) {
        spec_node_error(r, n, SPEC_FOUND(COMPARISON, .parameter = parent),
                        "write a comparison as text instead of the mapping");
        return false;
    }
    if (spec_domain_continuous(parent) && value_is_number(v)) {
        spec_node_error(r, n, SPEC_FOUND(COMPARISON, .parameter = parent),
                        "`%s` may be any number of a range, and is never exactly %s", parent->name,
                        shown);
        return false;
    }
    spec_node_warn(r, n, SPEC_FOUND(NEVER, .parameter = parent), "`%s` is never %s: %s",
                   parent->name, shown, domain ? domain : "it always has another value");
    return true;
}

/* Reads the value or list of values given for a parent. */
static bool read_values(struct spec_expr *x, size_t parent, const struct spec_node *n,
                        struct when *w)
{
    struct spec_reader *r = x->r;
    const struct parameter *p = &x->domains.items[parent];
    const struct value *v = n->yaml->value;
    /* A list gives several values, unless the parent's own values are lists. */
    if (v->kind != VALUE_LIST || spec_domains_lists(&x->domains, parent, v)) {
        struct value *one = value_list(r->arena);
        value_push(r->arena, one, (struct value *)v);
        w->values = one;
        return spec_domains_has(&x->domains, parent, v) || say_never(r, p, n);
    }
    if (v->list.n == 0) {
        spec_node_error(r, n, SPEC_FOUND(EMPTY_LIST), "the list is empty");
        return false;
    }
    w->values = v;
    bool ok = true;
    for (size_t i = 0; i < n->yaml->n; i++) {
        struct spec_node item = spec_node_item(n, i);
        ok = (spec_domains_has(&x->domains, parent, item.yaml->value) || say_never(r, p, &item)) &&
             ok;
    }
    return ok;
}

bool spec_when_read(struct spec_expr *x, const char *group, const struct spec_node *n,
                    struct when **ret, size_t *ret_n)
{
    size_t count = 0;
    struct when *list = arena_alloc(x->r->arena, (n->yaml->n + 1) * sizeof *list);
    for (size_t i = 0; i < n->yaml->n; i++) {
        struct spec_node entry = spec_node_entry(n, i);
        struct when *w = &list[count];
        if (find_parent(x, group, &entry, &w->parent) && read_values(x, w->parent, &entry, w))
            count++;
    }
    *ret = list;
    *ret_n = count;
    return count == n->yaml->n;
}

/* Whether e only says that a parameter has one of some values. */
static bool is_choice(struct arena *a, const struct expr *e, struct when *ret)
{
    if (e->op != EXPR_COMPARE || e->n != 2)
        return false;
    const struct expr *left = e->args[0], *right = e->args[1];
    if (e->comparisons[0] == EXPR_IN) {
        *ret = (struct when){.parent = left->name, .values = right->value};
        return left->op == EXPR_NAME && right->op == EXPR_LIST && right->value;
    }
    if (left->op == EXPR_VALUE) {
        const struct expr *other = left;
        left = right;
        right = other;
    }
    if (e->comparisons[0] != EXPR_EQUAL || left->op != EXPR_NAME || right->op != EXPR_VALUE)
        return false;
    struct value *one = value_list(a);
    value_push(a, one, (struct value *)right->value);
    *ret = (struct when){.parent = left->name, .values = one};
    return true;
}

void spec_when_split(struct arena *a, const struct condition *c, struct when **ret, size_t *ret_n)
{
    const struct expr *whole = c->expr, *const *parts = &whole;
    uint32_t n = 1, left = 0;
    if (whole->op == EXPR_AND) {
        parts = whole->args;
        n = whole->n;
    }
    struct when *list = arena_alloc(a, (n + 1) * sizeof *list);
    const struct expr **rest = arena_alloc(a, n * sizeof *rest);
    *ret_n = 0;
    for (uint32_t i = 0; i < n; i++)
        if (is_choice(a, parts[i], &list[*ret_n]))
            ++*ret_n;
        else
            rest[left++] = parts[i];
    if (left > 0) {
        struct expr *e = arena_alloc(a, sizeof *e);
        *e = *whole;
        if (whole->op == EXPR_AND) {
            e->args = rest;
            e->n = left;
        }
        struct condition *kept = arena_alloc(a, sizeof *kept);
        *kept = spec_expr_condition(a, left == 1 ? rest[0] : e, c->text);
        list[(*ret_n)++] = (struct when){.parent = SIZE_MAX, .condition = kept};
    }
    *ret = list;
}

static const struct expr *list_of(struct arena *a, const struct value *values)
{
    struct expr *e = arena_alloc(a, sizeof *e);
    *e = (struct expr){.op = EXPR_LIST, .n = (uint32_t)values->list.n, .value = values};
    e->args = arena_alloc(a, (e->n + 1) * sizeof *e->args);
    for (uint32_t i = 0; i < e->n; i++) {
        struct expr *item = arena_alloc(a, sizeof *item);
        *item = (struct expr){.op = EXPR_VALUE, .value = values->list.items[i]};
        e->args[i] = item;
    }
    return e;
}

const struct expr *spec_when_join(struct arena *a, const struct when *list, size_t n)
{
    static const enum expr_comparison in = EXPR_IN;
    struct expr *all = arena_alloc(a, sizeof *all);
    *all = (struct expr){.op = EXPR_AND, .n = (uint32_t)n};
    all->args = arena_alloc(a, n * sizeof *all->args);
    for (size_t i = 0; i < n; i++) {
        struct expr *name = arena_alloc(a, sizeof *name), *one = arena_alloc(a, sizeof *one);
        *name = (struct expr){.op = EXPR_NAME, .name = list[i].parent};
        *one = (struct expr){.op = EXPR_COMPARE, .n = 2, .comparisons = &in};
        one->args = arena_alloc(a, 2 * sizeof *one->args);
        one->args[0] = name;
        one->args[1] = list_of(a, list[i].values);
        all->args[i] = one;
    }
    return n == 1 ? all->args[0] : all;
}
