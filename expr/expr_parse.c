/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recursive descent, one function a level of precedence, loosest first. Left-hand chains are
 * loops: only parentheses, signs, powers and `not` nest, and they are counted. */
#include <string.h>
#include "base/limits.h"
#include "base/diag/nearest.h"
#include "expr/expr_function.h"
#include "expr/expr_lex.h"

struct parser {
    struct expr_lex x;
    struct expr_reader *r;
    int depth;
    bool failed;   /* a syntax error was reported: reading on would be a guess */
    bool nameless; /* an unknown name was reported: the rest is read, for more of them */
};

struct args {
    const struct expr **items;
    enum expr_comparison *comparisons; /* before each item but the first */
    uint32_t n, cap;
};

static const struct expr *parse_any(struct parser *p);
static const struct expr *parse_sign(struct parser *p);

static const struct expr *parse_fail(struct parser *p, size_t offset, size_t len, const char *fix,
                                     const char *message)
{
    if (!p->failed && p->x.token != TOKEN_BAD)
        p->r->say(p->r->arg, offset, len, fix, message);
    p->failed = true;
    return NULL;
}

static const struct expr *fail_here(struct parser *p, const char *message)
{
    return parse_fail(p, p->x.offset, p->x.end - p->x.offset, NULL, message);
}

static void next_token(struct parser *p)
{
    expr_lex_next(&p->x);
    p->failed = p->failed || p->x.token == TOKEN_BAD;
}

static bool take_token(struct parser *p, enum expr_token token)
{
    if (p->failed || p->x.token != token)
        return false;
    next_token(p);
    return true;
}

static struct expr *node_new(struct parser *p, enum expr_op op, size_t offset, size_t end,
                             const struct expr *const *args, uint32_t n)
{
    if (p->failed)
        return NULL;
    if (p->r->nodes_left == 0) {
        parse_fail(p, offset, end - offset, NULL,
                   "the conditions of this sweep are too long in total");
        return NULL;
    }
    p->r->nodes_left--;
    struct expr *e = arena_alloc(p->r->arena, sizeof *e);
    *e = (struct expr){
        .op = op, .offset = (uint32_t)offset, .len = (uint32_t)(end - offset), .n = n};
    if (n > 0) {
        e->args = arena_alloc(p->r->arena, n * sizeof *e->args);
        memcpy(e->args, args, n * sizeof *args);
    }
    return e;
}

/* A node that spans its arguments, from the first to the last. */
static struct expr *node_around(struct parser *p, enum expr_op op, const struct expr *const *args,
                                uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!args[i])
            return NULL;
    return node_new(p, op, args[0]->offset, args[n - 1]->offset + args[n - 1]->len, args, n);
}

static bool args_push(struct parser *p, struct args *list, const struct expr *e,
                      enum expr_comparison comparison)
{
    if (list->n == list->cap) {
        struct args more = {.cap = list->cap ? list->cap * 2 : 4};
        more.items = arena_alloc(p->r->arena, more.cap * sizeof *more.items);
        more.comparisons = arena_alloc(p->r->arena, more.cap * sizeof *more.comparisons);
        for (; more.n < list->n; more.n++) {
            more.items[more.n] = list->items[more.n];
            more.comparisons[more.n] = list->comparisons[more.n];
        }
        *list = more;
    }
    list->comparisons[list->n] = comparison;
    list->items[list->n++] = e;
    return e != NULL;
}

static bool nesting_enter(struct parser *p)
{
    if (p->depth == LIMIT_EXPR_DEPTH)
        return fail_here(p, "the expression is nested too deeply") != NULL;
    p->depth++;
    return true;
}

static const struct expr *constant_node(struct parser *p, const struct value *v)
{
    struct expr *e = node_new(p, EXPR_VALUE, p->x.offset, p->x.end, NULL, 0);
    if (e)
        e->value = v;
    next_token(p);
    return e;
}

/* The items up to the closing token, with their commas; a trailing comma is allowed. */
static bool parse_items(struct parser *p, enum expr_token close, struct args *list)
{
    while (!p->failed && p->x.token != close) {
        if (!args_push(p, list, parse_any(p), EXPR_EQUAL))
            return false;
        if (!take_token(p, TOKEN_COMMA) && !p->failed && p->x.token != close) {
            fail_here(p, close == TOKEN_CLOSE ? "a `,` or `)` is missing before this"
                                              : "a `,` or `]` is missing before this");
            return false;
        }
    }
    return !p->failed;
}

/* A constant item of a list; a number may have a sign. */
static const struct value *constant_of(struct parser *p, const struct expr *e)
{
    struct value v;
    if (e->op == EXPR_VALUE || e->op == EXPR_LIST)
        return e->value;
    if (e->op != EXPR_NEGATE || e->args[0]->op != EXPR_VALUE || !expr_eval(e, NULL, &v, NULL))
        return NULL;
    return value_copy(p->r->arena, &v);
}

static const struct expr *parse_list(struct parser *p)
{
    struct args items = {.n = 0};
    size_t offset = p->x.offset;
    if (!nesting_enter(p))
        return NULL;
    next_token(p);
    if (!parse_items(p, TOKEN_CLOSE_LIST, &items))
        return NULL;
    size_t end = p->x.end;
    take_token(p, TOKEN_CLOSE_LIST);
    p->depth--;
    struct expr *e = node_new(p, EXPR_LIST, offset, end, items.items, items.n);
    if (!e)
        return NULL;
    struct value *all = value_list(p->r->arena);
    for (uint32_t i = 0; i < items.n && all; i++) {
        const struct value *v = constant_of(p, items.items[i]);
        if (v)
            value_push(p->r->arena, all, (struct value *)v);
        else
            all = NULL;
    }
    e->value = all;
    return e;
}

static const struct expr *parse_parentheses(struct parser *p)
{
    size_t offset = p->x.offset;
    if (!nesting_enter(p))
        return NULL;
    next_token(p);
    const struct expr *e = parse_any(p);
    if (!e)
        return NULL;
    if (p->x.token == TOKEN_COMMA)
        return parse_fail(p, offset, p->x.end - offset, NULL, "write a list in [ ], not in ( )");
    if (!take_token(p, TOKEN_CLOSE))
        return fail_here(p, "a `)` is missing before this");
    p->depth--;
    return e;
}

static const struct expr *say_arguments(struct parser *p, const struct expr_function *f,
                                        size_t offset, size_t len)
{
    const char *many = f->least == f->most ? "" : f->most == 2 ? " or 2" : " or more";
    return parse_fail(p, offset, len, NULL,
                      arena_printf(p->r->arena, "%s() takes %d%s argument%s", f->name,
                                   (int)f->least, many, f->most == 1 ? "" : "s"));
}

static const struct expr *parse_call(struct parser *p, size_t offset, const char *name)
{
    struct args args = {.n = 0};
    const struct expr_function *f = expr_function_find(name, strlen(name));
    if (!f) {
        const char *near = expr_function_near(name);
        return parse_fail(p, offset, strlen(name), near,
                          arena_printf(p->r->arena, "unknown function %s()", name));
    }
    if (!nesting_enter(p))
        return NULL;
    next_token(p);
    if (!parse_items(p, TOKEN_CLOSE, &args))
        return NULL;
    size_t end = p->x.end;
    take_token(p, TOKEN_CLOSE);
    p->depth--;
    if (args.n < f->least || args.n > f->most)
        return say_arguments(p, f, offset, end - offset);
    struct expr *e = node_new(p, EXPR_CALL, offset, end, args.items, args.n);
    if (e)
        e->function = f;
    return e;
}

static const struct expr *parse_name(struct parser *p)
{
    struct expr_lex *x = &p->x;
    size_t offset = x->offset, end = x->end, name = x->name, len = x->name_len, index = 0;
    bool quoted = x->quoted;
    next_token(p);
    if (!p->failed && !quoted && x->token == TOKEN_OPEN)
        return parse_call(p, offset, arena_strndup(p->r->arena, x->text + name, len));
    if (p->failed)
        return NULL;
    if (x->token == TOKEN_OPEN_LIST)
        return fail_here(p, "an expression cannot take items of lists and mappings");
    if (!p->r->find(p->r->arg, x->text, offset, end - offset, &index))
        p->nameless = true;
    struct expr *e = node_new(p, EXPR_NAME, offset, end, NULL, 0);
    if (e)
        e->name = index;
    return e;
}

static const struct expr *parse_atom(struct parser *p)
{
    if (p->failed)
        return NULL;
    switch (p->x.token) {
    case TOKEN_NUMBER:
    case TOKEN_TEXT:
        return constant_node(p, p->x.value);
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        return constant_node(p, value_bool(p->r->arena, p->x.token == TOKEN_TRUE));
    case TOKEN_NONE:
        return constant_node(p, value_null(p->r->arena));
    case TOKEN_NAME:
        return parse_name(p);
    case TOKEN_OPEN:
        return parse_parentheses(p);
    case TOKEN_OPEN_LIST:
        return parse_list(p);
    case TOKEN_END:
        return fail_here(p, p->x.offset == 0 ? "the expression is empty"
                                             : "the expression ends too early");
    default:
        return fail_here(p, "a value or a name is missing before this");
    }
}

static const struct expr *parse_power(struct parser *p)
{
    const struct expr *pair[2] = {parse_atom(p), NULL};
    if (!pair[0] || !take_token(p, TOKEN_POW))
        return p->failed ? NULL : pair[0];
    if (!nesting_enter(p))
        return NULL;
    pair[1] = parse_sign(p);
    p->depth--;
    return node_around(p, EXPR_POW, pair, 2);
}

static const struct expr *parse_sign(struct parser *p)
{
    size_t offset = p->x.offset;
    bool minus = p->x.token == TOKEN_MINUS;
    if (!minus && p->x.token != TOKEN_PLUS)
        return parse_power(p);
    if (!nesting_enter(p))
        return NULL;
    next_token(p);
    const struct expr *e = parse_sign(p);
    p->depth--;
    return e && minus ? node_new(p, EXPR_NEGATE, offset, e->offset + e->len, &e, 1) : e;
}

static enum expr_op product_op(enum expr_token token)
{
    switch (token) {
    case TOKEN_TIMES:
        return EXPR_MUL;
    case TOKEN_DIV:
        return EXPR_DIV;
    case TOKEN_FLOOR_DIV:
        return EXPR_FLOOR_DIV;
    case TOKEN_MOD:
        return EXPR_MOD;
    default:
        return EXPR_VALUE;
    }
}

static const struct expr *parse_product(struct parser *p)
{
    const struct expr *pair[2] = {parse_sign(p), NULL};
    enum expr_op op;
    while (pair[0] && (op = product_op(p->x.token)) != EXPR_VALUE) {
        next_token(p);
        pair[1] = parse_sign(p);
        pair[0] = node_around(p, op, pair, 2);
    }
    return pair[0];
}

static const struct expr *parse_sum(struct parser *p)
{
    const struct expr *pair[2] = {parse_product(p), NULL};
    while (pair[0] && (p->x.token == TOKEN_PLUS || p->x.token == TOKEN_MINUS)) {
        enum expr_op op = p->x.token == TOKEN_PLUS ? EXPR_ADD : EXPR_SUB;
        next_token(p);
        pair[1] = parse_product(p);
        pair[0] = node_around(p, op, pair, 2);
    }
    return pair[0];
}

/* `is` and `is not` are read as `==` and `!=`: their meaning in Python does not exist here. */
static bool take_comparison(struct parser *p, enum expr_comparison *ret)
{
    enum expr_token token = p->x.token;
    switch (token) {
    case TOKEN_LESS:
    case TOKEN_LESS_EQUAL:
    case TOKEN_GREATER:
    case TOKEN_GREATER_EQUAL:
    case TOKEN_EQUAL:
    case TOKEN_NOT_EQUAL:
    case TOKEN_IN:
    case TOKEN_IS:
    case TOKEN_NOT:
        break;
    default:
        return false;
    }
    next_token(p);
    if (token == TOKEN_NOT) {
        *ret = EXPR_NOT_IN;
        return take_token(p, TOKEN_IN) ||
               fail_here(p, "`not` between two values needs `in`") != NULL;
    }
    *ret = token == TOKEN_LESS            ? EXPR_LESS
           : token == TOKEN_LESS_EQUAL    ? EXPR_LESS_EQUAL
           : token == TOKEN_GREATER       ? EXPR_GREATER
           : token == TOKEN_GREATER_EQUAL ? EXPR_GREATER_EQUAL
           : token == TOKEN_NOT_EQUAL     ? EXPR_NOT_EQUAL
           : token == TOKEN_IN            ? EXPR_IN
                                          : EXPR_EQUAL;
    if (token == TOKEN_IS && take_token(p, TOKEN_NOT))
        *ret = EXPR_NOT_EQUAL;
    return true;
}

static const struct expr *parse_comparison(struct parser *p)
{
    struct args list = {.n = 0};
    enum expr_comparison comparison;
    const struct expr *first = parse_sum(p);
    while (first && take_comparison(p, &comparison)) {
        if (list.n == 0)
            args_push(p, &list, first, EXPR_EQUAL);
        if (!args_push(p, &list, parse_sum(p), comparison))
            return NULL;
    }
    if (list.n == 0)
        return p->failed ? NULL : first;
    struct expr *e = node_around(p, EXPR_COMPARE, list.items, list.n);
    if (e)
        e->comparisons = list.comparisons + 1;
    return e;
}

static const struct expr *parse_not(struct parser *p)
{
    size_t offset = p->x.offset;
    if (p->x.token != TOKEN_NOT)
        return parse_comparison(p);
    if (!nesting_enter(p))
        return NULL;
    next_token(p);
    const struct expr *e = parse_not(p);
    p->depth--;
    return e ? node_new(p, EXPR_NOT, offset, e->offset + e->len, &e, 1) : NULL;
}

static const struct expr *parse_junction(struct parser *p, enum expr_token token, enum expr_op op,
                                         const struct expr *(*below)(struct parser *))
{
    struct args list = {.n = 0};
    const struct expr *first = below(p);
    while (first && take_token(p, token)) {
        if (list.n == 0)
            args_push(p, &list, first, EXPR_EQUAL);
        if (!args_push(p, &list, below(p), EXPR_EQUAL))
            return NULL;
    }
    if (list.n == 0)
        return p->failed ? NULL : first;
    return node_around(p, op, list.items, list.n);
}

static const struct expr *parse_and(struct parser *p)
{
    return parse_junction(p, TOKEN_AND, EXPR_AND, parse_not);
}

static const struct expr *parse_any(struct parser *p)
{
    const struct expr *parts[3] = {parse_junction(p, TOKEN_OR, EXPR_OR, parse_and)};
    if (!parts[0] || !take_token(p, TOKEN_IF))
        return p->failed ? NULL : parts[0];
    if (!nesting_enter(p))
        return NULL;
    parts[1] = parse_junction(p, TOKEN_OR, EXPR_OR, parse_and);
    if (!parts[1])
        return NULL;
    if (!take_token(p, TOKEN_ELSE))
        return fail_here(p, "`else` is missing: write `a if b else c`");
    parts[2] = parse_any(p);
    p->depth--;
    return node_around(p, EXPR_IF, parts, 3);
}

/* Reports the text where an operator must be: an operator of another language, or a misspelt one. */
static const struct expr *say_no_operator(struct parser *p)
{
    static const char *const operators[] = {"and", "or", "not in", "in", "if"};
    const struct expr_lex *x = &p->x;
    if (x->token == TOKEN_CLOSE || x->token == TOKEN_CLOSE_LIST)
        return fail_here(p, "there is no opening bracket for this");
    const char *name = arena_strndup(p->r->arena, x->text + x->offset, x->end - x->offset);
    const char *near =
        nearest_name(name, operators, sizeof operators / sizeof *operators, sizeof *operators);
    if (x->token == TOKEN_NAME && near)
        return parse_fail(p, x->offset, x->end - x->offset, near,
                          arena_printf(p->r->arena, "`%s` is not an operator", name));
    return fail_here(p, "an operator such as `and` is missing before this");
}

const struct expr *expr_parse(struct expr_reader *r, const char *text, size_t len)
{
    struct parser p = {.r = r};
    if (len > LIMIT_EXPR_BYTES) {
        r->say(r->arg, 0, 0, NULL, "the expression is longer than 4096 bytes");
        return NULL;
    }
    expr_lex_init(&p.x, r, text, len);
    next_token(&p);
    const struct expr *e = parse_any(&p);
    if (e && !p.failed && p.x.token != TOKEN_END)
        e = say_no_operator(&p);
    return p.failed || p.nameless || p.x.foreign ? NULL : e;
}
