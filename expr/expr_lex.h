/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The tokens of an expression. Knows the operators of other languages too, to say what to write
 * instead. */
#include "expr/expr.h"

enum expr_token {
    TOKEN_END,
    TOKEN_BAD, /* said already */
    TOKEN_NUMBER,
    TOKEN_TEXT,
    TOKEN_NAME,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_NOT,
    TOKEN_IN,
    TOKEN_IS,
    TOKEN_IF,
    TOKEN_ELSE,
    TOKEN_TRUE,
    TOKEN_FALSE,
    TOKEN_NONE,
    TOKEN_POW,
    TOKEN_FLOOR_DIV,
    TOKEN_LESS_EQUAL,
    TOKEN_GREATER_EQUAL,
    TOKEN_EQUAL,
    TOKEN_NOT_EQUAL,
    TOKEN_LESS,
    TOKEN_GREATER,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_TIMES,
    TOKEN_DIV,
    TOKEN_MOD,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_OPEN_LIST,
    TOKEN_CLOSE_LIST,
    TOKEN_COMMA
};

struct expr_lex {
    struct expr_reader *r;
    const char *text;
    size_t len, at;
    /* The token read last. */
    enum expr_token token;
    size_t offset, end;
    size_t name, name_len; /* TOKEN_NAME: in the text, without backquotes */
    bool quoted;           /* TOKEN_NAME: in backquotes */
    size_t behind;         /* bytes after it that are skipped: the } of ${name} */
    bool foreign;          /* an operator of another language was read, and reported */
    struct value *value;   /* TOKEN_NUMBER, TOKEN_TEXT */
};

void expr_lex_init(struct expr_lex *x, struct expr_reader *r, const char *text, size_t len);
void expr_lex_next(struct expr_lex *x);
/* Whether a name can stand without backquotes. */
bool expr_lex_plain(const char *name);
