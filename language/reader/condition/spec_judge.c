/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/condition/spec_judge.h"

#include <string.h>
#include "base/limits.h"
#include "base/number/python.h"
#include "expr/expr_type.h"
#include "language/reader/condition/spec_domain.h"
#include "language/reader/condition/spec_points.h"
#include "language/reader/spec_finding.h"

enum { ITEMS_COMPARED = 1000 };

struct judge {
    struct spec_reader *r;
    struct spec_domains *domains;
    const struct space *space;
    unsigned *types;
    struct spec_points points;
    const struct spec_text *text; /* the text being judged */
    bool said;                    /* whether it has a diagnostic yet */
};

static void error_at(struct judge *j, const struct expr *at, const char *message)
{
    spec_expr_error(j->r, j->text->node, SPEC_FOUND(PART, .part = {at->offset, at->len}), message);
    j->said = true;
}

static void warn_at(struct judge *j, const struct expr *at, const char *message)
{
    spec_expr_warn(j->r, j->text->node, SPEC_FOUND(PART, .part = {at->offset, at->len}), message);
    j->said = true;
}

static void say_nonsense(void *arg, const struct expr *at, const char *message)
{
    error_at(arg, at, message);
}

/* name == value, or name in [.., value, ..]. */
static void judge_equality(struct judge *j, const struct expr *name, const struct expr *at,
                           const struct value *v)
{
    const struct parameter *p = &j->space->parameters[name->name];
    if (spec_domains_has(j->domains, name->name, v) || j->r->diags->n > LIMIT_DIAGS)
        return;
    if (spec_domain_continuous(p) && value_is_number(v)) {
        warn_at(j, at,
                arena_printf(j->r->arena,
                             "`%s` may be any number of a range, and is never exactly %s", p->name,
                             spec_domain_shown(j->r, v)));
        return;
    }
    const char *domain = spec_domain_text(j->r, p);
    spec_expr_warn(
        j->r, j->text->node,
        SPEC_FOUND(NEVER_PART, .part = {at->offset, at->len}, .parameter = p, .value = v),
        arena_printf(j->r->arena, "`%s` is never %s: %s", p->name, spec_domain_shown(j->r, v),
                     domain ? domain : "it always has another value"));
    j->said = true;
}

/* The comparison with its sides swapped: 1 < x for x > 1. */
static enum expr_comparison turned_comparison(enum expr_comparison comparison)
{
    switch (comparison) {
    case EXPR_LESS:
        return EXPR_GREATER;
    case EXPR_LESS_EQUAL:
        return EXPR_GREATER_EQUAL;
    case EXPR_GREATER:
        return EXPR_LESS;
    case EXPR_GREATER_EQUAL:
        return EXPR_LESS_EQUAL;
    default:
        return comparison;
    }
}

static bool comparison_holds(enum expr_comparison comparison, double a, double b)
{
    switch (comparison) {
    case EXPR_LESS:
        return a < b;
    case EXPR_LESS_EQUAL:
        return a <= b;
    case EXPR_GREATER:
        return a > b;
    default:
        return a >= b;
    }
}

/* Whether the condition forbids every point when it always holds. */
static bool forbids_all(const struct judge *j)
{
    const struct condition *c = &j->text->condition;
    if (j->text->use != SPEC_USE_FORBID)
        return false;
    for (size_t i = 0; i < c->names_n; i++)
        if (j->space->parameters[c->names[i]].when_n > 0)
            return false;
    return true;
}

/* Judges name < value and the like if the bounds of name decide it. */
static void judge_order(struct judge *j, const struct expr *e, const struct expr *name,
                        const struct value *v, enum expr_comparison comparison)
{
    const struct parameter *p = &j->space->parameters[name->name];
    double low, high;
    if (!value_is_number(v) || !spec_domain_bounds(p, &low, &high))
        return;
    bool at_low = comparison_holds(comparison, low, value_number(v));
    bool at_high = comparison_holds(comparison, high, value_number(v));
    if (at_low != at_high)
        return;
    const char *domain = spec_domain_text(j->r, p);
    bool all = at_low && e == j->text->condition.expr && forbids_all(j);
    const char *message =
        arena_printf(j->r->arena, "this %s holds%s: `%s` %s", at_low ? "always" : "never",
                     all ? " and forbids every point" : "", p->name, domain + strlen("it "));
    if (all)
        error_at(j, e, message);
    else
        warn_at(j, e, message);
}

/* Folds a sign and a number, such as - and 1, into one number. */
static const struct expr *folded_sign(struct judge *j, const struct expr *e)
{
    if (e->op != EXPR_NEGATE || e->args[0]->op != EXPR_VALUE ||
        !value_is_number(e->args[0]->value) || j->r->diags->n > LIMIT_DIAGS)
        return e;
    struct expr *one = arena_alloc(j->r->arena, sizeof *one);
    *one = *e;
    one->op = EXPR_VALUE;
    one->n = 0;
    const struct value *v = e->args[0]->value;
    bool whole = v->kind == VALUE_INT && v->i != INT64_MIN;
    one->value = whole ? value_int(j->r->arena, -v->i) : value_float(j->r->arena, -value_number(v));
    return one;
}

static void judge_pair(struct judge *j, const struct expr *e, uint32_t i)
{
    const struct expr *left = folded_sign(j, e->args[i - 1]), *right = folded_sign(j, e->args[i]);
    enum expr_comparison comparison = e->comparisons[i - 1];
    if (comparison == EXPR_IN || comparison == EXPR_NOT_IN) {
        if (left->op == EXPR_NAME && right->op == EXPR_LIST)
            for (uint32_t k = 0; k < right->n && k < ITEMS_COMPARED; k++)
                if (right->args[k]->op == EXPR_VALUE)
                    judge_equality(j, left, right->args[k], right->args[k]->value);
        return;
    }
    if (left->op == EXPR_VALUE) {
        const struct expr *other = left;
        left = right;
        right = other;
        comparison = turned_comparison(comparison);
    }
    if (left->op != EXPR_NAME || right->op != EXPR_VALUE)
        return;
    if (comparison == EXPR_EQUAL || comparison == EXPR_NOT_EQUAL)
        judge_equality(j, left, right, right->value);
    else
        judge_order(j, e, left, right->value, comparison);
}

static void judge_comparisons(struct judge *j, const struct expr *e)
{
    for (uint32_t i = 1; e->op == EXPR_COMPARE && i < e->n; i++)
        judge_pair(j, e, i);
    for (uint32_t i = 0; i < e->n; i++)
        judge_comparisons(j, e->args[i]);
}

/* A condition is a comparison, or a parameter that is true or false; a number alone is probably a
 * mistake, not a comparison with 0. */
static void judge_type(struct judge *j, const struct condition *c, unsigned type)
{
    if (j->text->use == SPEC_USE_EXPR || !type || type & EXPR_TYPE(VALUE_BOOL))
        return;
    const struct parameter *p =
        c->expr->op == EXPR_NAME ? &j->space->parameters[c->expr->name] : NULL;
    spec_expr_error(j->r, j->text->node,
                    SPEC_FOUND(NO_TRUTH, .part = {c->expr->offset, c->expr->len}, .parameter = p),
                    "a condition must be true or false: compare this with a value");
    j->said = true;
}

static void say_no_value(struct judge *j, const struct condition *c, const char *why,
                         const char *where)
{
    const struct parameter *p = c->names_n == 1 ? &j->space->parameters[c->names[0]] : NULL;
    const char *domain = p ? spec_domain_text(j->r, p) : NULL, *range = "";
    if (domain)
        range = arena_printf(j->r->arena, ", and `%s` %s", p->name, domain + strlen("it "));
    error_at(j, c->expr, arena_printf(j->r->arena, "this has no value%s: %s%s", where, why, range));
}

/* Reports a condition that leaves no point. */
static void judge_all(struct judge *j, const struct condition *c, const struct spec_tally *t)
{
    if (t->undefined == t->points)
        say_no_value(j, c, t->why, "");
    else if (t->hold == t->points && forbids_all(j))
        error_at(j, c->expr, "this always holds: every point is forbidden");
}

static void judge_some(struct judge *j, const struct condition *c, const struct spec_tally *t)
{
    enum spec_use use = j->text->use;
    if (use == SPEC_USE_FORBID && t->hold == t->points)
        warn_at(j, c->expr, "this always holds when its parameters exist");
    else if (t->undefined > 0)
        warn_at(j, c->expr,
                arena_printf(j->r->arena,
                             "this has no value at %zu of %zu combinations, which are never "
                             "proposed: %s",
                             t->undefined, t->points, t->why));
    else if (use == SPEC_USE_FORBID && t->hold == 0)
        warn_at(j, c->expr, "this never holds and forbids nothing");
    else if (use == SPEC_USE_WHEN && t->hold == 0)
        warn_at(j, c->expr, "this never holds, so its parameter or group never exists");
}

static void judge_one(struct judge *j, const struct spec_text *text)
{
    const struct condition *c = &text->condition;
    struct expr_types t = {j->types, say_nonsense, j, j->r->arena};
    struct spec_tally tally;
    size_t computed = text->use == SPEC_USE_EXPR ? text->index : SIZE_MAX;
    j->text = text;
    j->said = false;
    unsigned type = expr_type(&t, c->expr);
    if (text->use == SPEC_USE_EXPR)
        j->types[text->index] = type ? type : EXPR_TYPE_ANY;
    judge_type(j, c, type);
    if (j->said)
        return;
    if (c->names_n == 0 && text->use != SPEC_USE_EXPR) {
        error_at(j, c->expr, "this condition names no parameter");
        return;
    }
    bool looked = spec_points_all(&j->points, c, computed, &tally);
    if (looked && tally.points == 0) /* the condition to blame has its own diagnostic */
        return;
    if (looked)
        judge_all(j, c, &tally);
    if (!j->said)
        judge_comparisons(j, c->expr);
    if (looked && !j->said)
        judge_some(j, c, &tally);
    else if (!looked && !j->said && spec_points_undefined(&j->points, c, computed, &tally))
        say_no_value(
            j, c, tally.why,
            arena_printf(j->r->arena, " at any of %zu points that were tried", tally.points));
}

void spec_judge(struct spec_expr *x, const struct space *space, const struct spec_text *texts,
                size_t n)
{
    struct spec_reader *r = x->r;
    if (n == 0)
        return;
    struct judge j = {
        .r = r,
        .domains = &x->domains,
        .space = space,
        .types = arena_alloc(r->arena, (space->n + 1) * sizeof *j.types),
    };
    spec_points_init(&j.points, r->arena, space);
    const struct spec_text **given = arena_alloc(r->arena, (space->n + 1) * sizeof *given);
    for (size_t i = 0; i < n; i++)
        if (texts[i].use == SPEC_USE_EXPR)
            given[texts[i].index] = &texts[i];
    for (size_t k = 0; k < space->n; k++) {
        size_t i = space->order[k];
        j.types[i] = spec_domain_types(&space->parameters[i]);
        if (given[i])
            judge_one(&j, given[i]);
    }
    for (size_t i = 0; i < n; i++)
        if (texts[i].use != SPEC_USE_EXPR)
            judge_one(&j, &texts[i]);
    spec_points_done(&j.points);
}
