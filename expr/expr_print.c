/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include "base/number/python.h"
#include "expr/expr_function.h"
#include "expr/expr_lex.h"

struct printer {
    struct buf *out;
    const char *(*name)(void *arg, size_t index);
    void *arg;
};

static const char *const signs[] = {
    [EXPR_OR] = " or ",        [EXPR_AND] = " and ", [EXPR_ADD] = " + ",
    [EXPR_SUB] = " - ",        [EXPR_MUL] = " * ",   [EXPR_DIV] = " / ",
    [EXPR_FLOOR_DIV] = " // ", [EXPR_MOD] = " % ",   [EXPR_POW] = " ** ",
};

static const char *const comparisons[] = {
    [EXPR_LESS] = " < ",    [EXPR_LESS_EQUAL] = " <= ",
    [EXPR_GREATER] = " > ", [EXPR_GREATER_EQUAL] = " >= ",
    [EXPR_EQUAL] = " == ",  [EXPR_NOT_EQUAL] = " != ",
    [EXPR_IN] = " in ",     [EXPR_NOT_IN] = " not in ",
};

/* How tightly a node binds: its level in the parser. */
static int level_of(const struct expr *e)
{
    switch (e->op) {
    case EXPR_IF:
        return 0;
    case EXPR_OR:
        return 1;
    case EXPR_AND:
        return 2;
    case EXPR_NOT:
        return 3;
    case EXPR_COMPARE:
        return 4;
    case EXPR_ADD:
    case EXPR_SUB:
        return 5;
    case EXPR_MUL:
    case EXPR_DIV:
    case EXPR_FLOOR_DIV:
    case EXPR_MOD:
        return 6;
    case EXPR_NEGATE:
        return 7;
    case EXPR_POW:
        return 8;
    default:
        return 9;
    }
}

static void print_within(const struct printer *p, const struct expr *e, int least);

static void print_name(const struct printer *p, const char *name)
{
    buf_addf(p->out, expr_lex_plain(name) ? "%s" : "`%s`", name);
}

/* Prints text for our lexer, which knows fewer escapes than Python. */
static void print_text(const struct printer *p, const char *text)
{
    char quote = strchr(text, '\'') && !strchr(text, '"') ? '"' : '\'';
    buf_addc(p->out, quote);
    for (; *text; text++) {
        if (*text == '\n' || *text == '\t')
            buf_adds(p->out, *text == '\n' ? "\\n" : "\\t");
        else {
            if (*text == '\\' || *text == quote)
                buf_addc(p->out, '\\');
            buf_addc(p->out, *text);
        }
    }
    buf_addc(p->out, quote);
}

static void print_items(const struct printer *p, const struct expr *e)
{
    for (uint32_t i = 0; i < e->n; i++) {
        buf_adds(p->out, i ? ", " : "");
        print_within(p, e->args[i], 0);
    }
}

static void print_if(const struct printer *p, const struct expr *e)
{
    print_within(p, e->args[0], 1);
    buf_adds(p->out, " if ");
    print_within(p, e->args[1], 1);
    buf_adds(p->out, " else ");
    print_within(p, e->args[2], 0);
}

static void print_chain(const struct printer *p, const struct expr *e)
{
    for (uint32_t i = 0; i < e->n; i++) {
        if (i > 0)
            buf_adds(p->out,
                     e->op == EXPR_COMPARE ? comparisons[e->comparisons[i - 1]] : signs[e->op]);
        print_within(p, e->args[i], level_of(e) + 1);
    }
}

static void print_two(const struct printer *p, const struct expr *e)
{
    bool power = e->op == EXPR_POW;
    print_within(p, e->args[0], power ? 9 : level_of(e));
    buf_adds(p->out, signs[e->op]);
    print_within(p, e->args[1], power ? 7 : level_of(e) + 1);
}

static void print_node(const struct printer *p, const struct expr *e)
{
    switch (e->op) {
    case EXPR_VALUE:
        if (e->value->kind == VALUE_STR)
            print_text(p, e->value->s.ptr);
        else
            python_repr(p->out, e->value);
        return;
    case EXPR_NAME:
        print_name(p, p->name(p->arg, e->name));
        return;
    case EXPR_LIST:
        buf_addc(p->out, '[');
        print_items(p, e);
        buf_addc(p->out, ']');
        return;
    case EXPR_CALL:
        buf_addf(p->out, "%s(", e->function->name);
        print_items(p, e);
        buf_addc(p->out, ')');
        return;
    case EXPR_IF:
        print_if(p, e);
        return;
    case EXPR_NOT:
        buf_adds(p->out, "not ");
        print_within(p, e->args[0], level_of(e));
        return;
    case EXPR_NEGATE:
        buf_addc(p->out, '-');
        print_within(p, e->args[0], level_of(e));
        return;
    case EXPR_OR:
    case EXPR_AND:
    case EXPR_COMPARE:
        print_chain(p, e);
        return;
    default:
        print_two(p, e);
    }
}

static void print_within(const struct printer *p, const struct expr *e, int least)
{
    bool parentheses = level_of(e) < least;
    if (parentheses)
        buf_addc(p->out, '(');
    print_node(p, e);
    if (parentheses)
        buf_addc(p->out, ')');
}

void expr_print(struct buf *out, const struct expr *e, const char *(*name)(void *arg, size_t index),
                void *arg)
{
    struct printer p = {out, name, arg};
    print_within(&p, e, 0);
}
