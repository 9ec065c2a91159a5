/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/condition/spec_order.h"

#include <string.h>

enum mark { MARK_NEW, MARK_OPEN, MARK_DONE };

/* A depth-first walk with an explicit stack, because the spec decides how deep it goes. */
struct walk {
    const struct space *space;
    enum mark *marks;
    struct step {
        size_t at;   /* parameter */
        size_t next; /* the next of the parameters it names */
    } * stack;
    size_t depth;
    size_t *order, n;
};

/* The k-th parameter that this one names, SIZE_MAX past the last. */
static size_t named_parameter(const struct parameter *p, size_t k)
{
    for (size_t i = 0; i < p->when_n; i++) {
        const struct condition *c = p->when[i].condition;
        size_t n = c ? c->names_n : 1;
        if (k < n)
            return c ? c->names[k] : p->when[i].parent;
        k -= n;
    }
    return p->expr && k < p->expr->names_n ? p->expr->names[k] : SIZE_MAX;
}

/* The node of the parameter, or of its group, that names other parameters. */
static const struct spec_node *place_of(const struct spec_claim *claim)
{
    if (claim->expr || claim->when)
        return claim->expr ? claim->expr : claim->when;
    for (const struct spec_scope *scope = claim->scope; scope; scope = scope->up)
        if (scope->when)
            return scope->when;
    return claim->node;
}

static void say_cycle(struct spec_reader *r, const struct walk *w, const struct spec_claim *claims,
                      size_t to)
{
    size_t from = w->depth - 1;
    while (w->stack[from].at != to)
        from--;
    const struct parameter *p = &w->space->parameters[to];
    const char *text = arena_printf(r->arena, "`%s`", p->name);
    const size_t named_most = 8;
    for (size_t i = from + 1; i < w->depth && i - from < named_most; i++)
        text = arena_printf(r->arena, "%s needs `%s`, which", text,
                            w->space->parameters[w->stack[i].at].name);
    if (w->depth - from > named_most)
        text = arena_printf(r->arena, "%s, by %zu more,", text, w->depth - from - named_most);
    const struct spec_node *n = place_of(&claims[to]);
    spec_node_error_key(r, n, NULL,
                        from + 1 == w->depth ? "%s needs itself"
                                             : "%s needs `%s` again: this is a cycle",
                        text, p->name);
}

static bool walk_from(struct spec_reader *r, struct walk *w, const struct spec_claim *claims,
                      size_t start)
{
    bool ok = true;
    w->stack[w->depth++] = (struct step){start, 0};
    w->marks[start] = MARK_OPEN;
    while (w->depth > 0) {
        struct step *top = &w->stack[w->depth - 1];
        size_t next = named_parameter(&w->space->parameters[top->at], top->next++);
        if (next == SIZE_MAX) {
            w->marks[top->at] = MARK_DONE;
            w->order[w->n++] = top->at;
            w->depth--;
        } else if (w->marks[next] == MARK_OPEN) {
            say_cycle(r, w, claims, next);
            ok = false;
        } else if (w->marks[next] == MARK_NEW) {
            w->marks[next] = MARK_OPEN;
            w->stack[w->depth++] = (struct step){next, 0};
        }
    }
    return ok;
}

bool spec_order_find(struct spec_reader *r, struct spec *s, const struct spec_claim *claims)
{
    size_t n = s->space.n;
    struct walk w = {
        .space = &s->space,
        .marks = arena_alloc(r->arena, (n + 1) * sizeof *w.marks),
        .stack = arena_alloc(r->arena, (n + 1) * sizeof *w.stack),
        .order = arena_alloc(r->arena, (n + 1) * sizeof *w.order),
    };
    bool ok = true;
    for (size_t i = 0; i < n; i++)
        if (w.marks[i] == MARK_NEW)
            ok = walk_from(r, &w, claims, i) && ok;
    s->space.order = w.order;
    return ok;
}
