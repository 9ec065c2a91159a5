/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/spec_condition.h"

#include <string.h>
#include "sweep/spec_domain.h"
#include "sweep/spec_order.h"

/* Past these, comparing every value with every other would take longer than it helps, and searching
 * for near names too. */
enum { COMPARED_VALUES = 64, ERRORS_WITH_HELP = 8 };

struct reader {
    struct spec_reader *r;
    const struct parameter *items;
    const struct spec_names *names;
};

static const char *members_text(const struct reader *c, const struct spec_name *group)
{
    const char *text = NULL;
    size_t len = strlen(group->name), n = 0;
    for (size_t i = 0; i < c->names->n && n < 3; i++) {
        const struct spec_name *item = &c->names->items[i];
        if (item->kind != SPEC_NAME_PARAMETER || strncmp(item->name, group->name, len) != 0 ||
            item->name[len] != '.')
            continue;
        text = text ? arena_printf(c->r->arena, "%s, %s", text, item->name) : item->name;
        n++;
    }
    return text;
}

/* Finds a parameter by name, or reports that there is none; false also where it is broken. */
static bool find_parent(const struct reader *c, const char *group, const struct spec_node *n,
                        size_t *ret)
{
    const struct spec_name *found = spec_names_find(c->names, group, n->key, strlen(n->key));
    if (!found) {
        const char *near =
            c->r->diags->errors < ERRORS_WITH_HELP
                ? spec_names_near(c->names, c->r->arena, group, n->key, strlen(n->key))
                : NULL;
        spec_node_error_key(c->r, n, near, "there is no parameter `%s`", n->key);
        return false;
    }
    if (found->kind == SPEC_NAME_GROUP)
        spec_node_error_key(c->r, n, members_text(c, found),
                            "`%s` is a group: name one of its parameters", n->key);
    *ret = found->index;
    return found->kind == SPEC_NAME_PARAMETER;
}

static void say_never(const struct reader *c, const struct parameter *parent,
                      const struct spec_node *n)
{
    struct spec_reader *r = c->r;
    const char *shown = spec_node_shown(r, n), *domain = spec_domain_text(r, parent);
    if (spec_domain_continuous(parent) && value_is_number(n->yaml->value)) {
        spec_node_error(r, n, arena_printf(r->arena, "when: '%s > %s'", parent->name, shown),
                        "`%s` may be any number of a range, and is never exactly %s", parent->name,
                        shown);
        return;
    }
    const struct value *near = spec_domain_near(r, parent, n->yaml->value);
    const char *fix = NULL;
    if (near) {
        const struct yaml_node *meant = yaml_tree_of_value(r->arena, near);
        struct spec_node at = {.yaml = meant};
        fix = near->kind == VALUE_BOOL ? (near->b ? "true" : "false") : spec_node_shown(r, &at);
    }
    spec_node_warn(r, n, fix, "`%s` is never %s: %s", parent->name, shown, domain ? domain : "");
}

/* The value or list of values beside a parent's name. */
static bool read_values(const struct reader *c, const struct parameter *parent,
                        const struct spec_node *n, struct when *w)
{
    struct arena *a = c->r->arena;
    const struct value *v = n->yaml->value;
    /* A list is one of these, but for a parent whose values are lists. */
    if (v->kind != VALUE_LIST || (parent->distinct && spec_domain_has(parent, v))) {
        struct value *one = value_list(a);
        value_push(a, one, (struct value *)v);
        w->values = one;
        if (!spec_domain_has(parent, v))
            say_never(c, parent, n);
        return true;
    }
    if (v->list.n == 0) {
        spec_node_error(c->r, n, arena_printf(a, "%s: [1, 2]", n->key), "the list is empty");
        return false;
    }
    w->values = v;
    for (size_t i = 0; i < n->yaml->n && i < COMPARED_VALUES; i++) {
        struct spec_node item = spec_node_item(n, i);
        if (!spec_domain_has(parent, item.yaml->value))
            say_never(c, parent, &item);
    }
    return true;
}

static const char example[] = "when: {optimizer: sgd}, or when: {layers: [2, 3]}";

static void read_when(const struct reader *c, const char *group, const struct spec_node *n,
                      struct when **ret, size_t *ret_n)
{
    if (spec_node_kind(n) != VALUE_DICT || n->yaml->n == 0) {
        spec_node_error(
            c->r, n, example, "`when` must name a parameter and its value, and it is %s",
            n->yaml->n == 0 && spec_node_kind(n) == VALUE_DICT ? "empty" : spec_node_kind_name(n));
        return;
    }
    struct when *list = arena_alloc(c->r->arena, n->yaml->n * sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < n->yaml->n; i++) {
        struct spec_node entry = spec_node_entry(n, i);
        struct when *w = &list[count];
        if (find_parent(c, group, &entry, &w->parent) &&
            read_values(c, &c->items[w->parent], &entry, w))
            count++;
    }
    *ret = list;
    *ret_n = count;
}

/* All whens that hold for a parameter: its groups', from the top, and its own. */
static void gather(const struct reader *c, const struct spec_claim *claim, struct parameter *p)
{
    struct when *own = NULL;
    size_t own_n = 0, n = 0;
    for (struct spec_scope *scope = claim->scope; scope; scope = scope->up) {
        if (scope->when && !scope->read)
            read_when(c, scope->up->group, scope->when, &scope->own, &scope->own_n);
        scope->read = true;
        n += scope->own_n;
    }
    if (claim->when)
        read_when(c, claim->scope->group, claim->when, &own, &own_n);
    n += own_n;
    if (n == 0)
        return;
    struct when *all = arena_alloc(c->r->arena, n * sizeof *all);
    p->when = all;
    p->when_n = n;
    for (size_t i = 0; i < own_n; i++)
        all[--n] = own[own_n - 1 - i];
    for (const struct spec_scope *scope = claim->scope; scope; scope = scope->up)
        for (size_t i = scope->own_n; i > 0; i--)
            all[--n] = scope->own[i - 1];
}

void spec_condition_read(struct spec_reader *r, struct spec *s, struct parameter *items,
                         struct spec_claim *claims, const struct spec_names *names,
                         const struct spec_node *forbid)
{
    (void)forbid;
    struct reader c = {r, items, names};
    for (size_t i = 0; i < s->space.n; i++) {
        gather(&c, &claims[i], &items[i]);
        s->space.conditional = s->space.conditional || items[i].when_n > 0;
    }
    (void)spec_order_find(r, s, claims);
}
