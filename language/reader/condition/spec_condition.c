/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/condition/spec_condition.h"

#include <string.h>
#include "base/limits.h"
#include "language/reader/spec_flow.h"
#include "language/reader/condition/spec_judge.h"
#include "language/reader/condition/spec_order.h"
#include "language/reader/condition/spec_when.h"
#include "language/reader/spec_finding.h"

struct reader {
    struct spec_expr x;
    struct parameter *items;
    struct spec_text *texts;
    size_t n, cap;
};

static void add_text(struct reader *c, const struct spec_node *node, const struct condition *what,
                     enum spec_use use, size_t index)
{
    if (c->n == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 16;
        struct spec_text *more = arena_alloc(c->x.r->arena, c->cap * sizeof *more);
        if (c->n)
            memcpy(more, c->texts, c->n * sizeof *more);
        c->texts = more;
    }
    c->texts[c->n++] = (struct spec_text){node, *what, use, index};
}

static const struct spec_node *keep_node(struct arena *a, const struct spec_node *n)
{
    struct spec_node *kept = arena_alloc(a, sizeof *kept);
    *kept = *n;
    return kept;
}

static void read_when(struct reader *c, const char *group, const struct spec_node *n,
                      struct when **ret, size_t *ret_n)
{
    struct spec_reader *r = c->x.r;
    struct condition whole;
    if (spec_node_kind(n) == VALUE_STR && spec_expr_read(&c->x, group, n, &whole)) {
        add_text(c, n, &whole, SPEC_USE_WHEN, 0);
        spec_when_split(r->arena, &whole, ret, ret_n);
    } else if (spec_node_kind(n) == VALUE_DICT && n->yaml->n > 0)
        (void)spec_when_read(&c->x, group, n, ret, ret_n);
    else if (spec_node_kind(n) != VALUE_STR) {
        spec_node_error(r, n, SPEC_FOUND(WHEN), "`when` must be a mapping or a condition, not %s",
                        spec_node_kind(n) == VALUE_DICT ? "an empty mapping"
                                                        : spec_node_kind_name(n));
    }
}

/* All whens that hold for a parameter: its groups', from the top, and its own. */
static void gather_whens(struct reader *c, const struct spec_claim *claim, struct parameter *p)
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
    struct when *all = arena_alloc(c->x.r->arena, n * sizeof *all);
    p->when = all;
    p->when_n = n;
    for (size_t i = 0; i < own_n; i++)
        all[--n] = own[own_n - 1 - i];
    for (const struct spec_scope *scope = claim->scope; scope; scope = scope->up)
        for (size_t i = scope->own_n; i > 0; i--)
            all[--n] = scope->own[i - 1];
}

static void read_expr(struct reader *c, const struct spec_claim *claim, size_t index)
{
    const struct spec_node *n = claim->expr;
    struct spec_reader *r = c->x.r;
    struct condition *computed = arena_alloc(r->arena, sizeof *computed);
    if (spec_node_kind(n) != VALUE_STR) {
        bool constant = spec_node_kind(n) != VALUE_NULL;
        spec_node_error(
            r, n, SPEC_FOUND(EXPR),
            constant
                ? "`expr` must be text that computes a value, not %s; write a constant as `value`"
                : "`expr` must be text that computes a value, not %s",
            spec_node_kind_name(n));
        return;
    }
    if (!spec_expr_read(&c->x, claim->scope->group, n, computed))
        return;
    c->items[index].expr = computed;
    add_text(c, n, computed, SPEC_USE_EXPR, index);
}

static const char *name_of(void *arg, size_t index)
{
    const struct reader *c = arg;
    return c->items[index].name;
}

/* The condition of a mapping, with its meaning as text. */
static bool read_mapping(struct reader *c, const struct spec_node *n, struct condition *ret)
{
    struct when *list;
    size_t count;
    struct buf text;
    if (!spec_when_read(&c->x, NULL, n, &list, &count))
        return false;
    const struct expr *e = spec_when_join(c->x.r->arena, list, count);
    buf_init(&text, 64 << 10);
    expr_print(&text, e, name_of, c);
    bool fits = !text.overflow;
    if (fits)
        *ret = spec_expr_condition(c->x.r->arena, e,
                                   arena_strndup(c->x.r->arena, buf_peek(&text), text.len));
    else
        spec_node_error(c->x.r, n, NULL,
                        "this condition is too long; write its parts as several conditions");
    buf_done(&text);
    return fits;
}

static bool read_forbidden(struct reader *c, const struct spec_node *n, struct condition *ret)
{
    bool mapping = spec_node_kind(n) == VALUE_DICT && n->yaml->n > 0, read = false;
    if (mapping)
        return read_mapping(c, n, ret);
    if (spec_node_kind(n) == VALUE_STR) {
        read = spec_expr_read(&c->x, NULL, n, ret);
        if (read)
            add_text(c, keep_node(c->x.r->arena, n), ret, SPEC_USE_FORBID, 0);
        return read;
    }
    spec_node_error(c->x.r, n, SPEC_FOUND(NO_CONDITION), "a condition must be text, not %s",
                    spec_node_kind(n) == VALUE_DICT ? "an empty mapping" : spec_node_kind_name(n));
    return false;
}

static void read_forbid(struct reader *c, struct space *space, const struct spec_node *n)
{
    struct spec_reader *r = c->x.r;
    enum value_kind kind = spec_node_kind(n);
    size_t items = kind == VALUE_LIST ? n->yaml->n : 1;
    if (kind == VALUE_NULL) {
        spec_node_warn(r, n, NULL, "`forbid` is empty and forbids nothing");
        return;
    }
    /* A single condition outside a list is clear enough. */
    if (kind == VALUE_STR || kind == VALUE_DICT)
        spec_node_warn(r, n, SPEC_FOUND(ONE_CONDITION),
                       "`forbid` must be a list of conditions; this is a single condition");
    struct condition *list = arena_alloc(r->arena, (items + 1) * sizeof *list);
    space->forbid = list;
    if (kind != VALUE_LIST) {
        space->forbid_n = read_forbidden(c, n, list);
        return;
    }
    for (size_t i = 0; i < items; i++) {
        struct spec_node item = spec_node_item(n, i);
        item.up = n;
        if (read_forbidden(c, &item, &list[space->forbid_n]))
            space->forbid_n++;
    }
}

void spec_condition_read(struct spec_reader *r, struct spec *s, struct parameter *items,
                         struct spec_claim *claims, const struct spec_names *names,
                         const struct spec_node *forbid)
{
    struct reader c = {
        .x = {r, names, LIMIT_EXPR_NODES, false, spec_domains_of(r->arena, items, s->space.n)},
        .items = items};
    size_t errors = r->diags->errors;
    bool conditional = false;
    for (size_t i = 0; i < s->space.n; i++) {
        gather_whens(&c, &claims[i], &items[i]);
        if (claims[i].expr)
            read_expr(&c, &claims[i], i);
        conditional = conditional || items[i].when_n > 0 || items[i].expr;
    }
    if (forbid)
        read_forbid(&c, &s->space, forbid);
    s->space.conditional = conditional || s->space.forbid_n > 0;
    if (spec_order_find(r, s, claims) && r->diags->errors == errors)
        spec_judge(&c.x, &s->space, c.texts, c.n);
}
