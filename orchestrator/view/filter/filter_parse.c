/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a filter, as a tree. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "orchestrator/view/filter/filter.h"
#include "orchestrator/view/filter/filter_node.h"

#define COMMA '\x1f' /* one in quotes */

enum token_kind { TOKEN_END, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_NOT, TOKEN_AND, TOKEN_OR, TOKEN_TERM };

struct parser {
    struct arena *a;
    const char *at;
    size_t depth, terms;
    struct err *err;
    enum token_kind kind; /* of the next token */
    char *text;           /* of a term, without its quotes */
    const char *op;       /* in `operators`; NULL: none */
    size_t op_at;         /* where it was in the text */
    bool quoted;          /* its first letter is */
};

static const char *const operators[] = {"<=", ">=", "!=", "<", ">", "=", ":"};
static const enum filter_kind kinds[] = {
    FILTER_AT_MOST, FILTER_AT_LEAST, FILTER_DIFFERS, FILTER_LESS,
    FILTER_MORE,    FILTER_AMONG,    FILTER_AMONG,
};
enum { OPERATORS = sizeof operators / sizeof *operators };

static const char *operator_at(const char *text)
{
    for (size_t i = 0; i < OPERATORS; i++)
        if (strncmp(text, operators[i], strlen(operators[i])) == 0)
            return operators[i];
    return NULL;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Copies what is in quotes; at the closing one. */
static int quotes_read(struct parser *p, char *text, size_t *len)
{
    for (p->at++; *p->at != '"'; p->at++) {
        if (*p->at == '\\' && p->at[1])
            p->at++;
        if (!*p->at)
            return err_set(p->err, ERR_USAGE, "a \" is missing at the end");
        text[(*len)++] = *p->at == ',' ? COMMA : *p->at;
    }
    p->at++;
    return 0;
}

static int term_read(struct parser *p)
{
    size_t len = 0;
    char *text = arena_alloc(p->a, strlen(p->at) + 1);
    p->op = NULL;
    p->quoted = *p->at == '"';
    while (*p->at && !is_space(*p->at) && *p->at != '(' && *p->at != ')') {
        const char *op = p->op || *p->at == '"' ? NULL : operator_at(p->at);
        if (op) {
            p->op = op;
            p->op_at = len;
            p->at += strlen(op);
        } else if (*p->at != '"') {
            text[len++] = *p->at++;
        } else if (quotes_read(p, text, &len) < 0) {
            return ERR_USAGE;
        }
    }
    text[len] = '\0';
    p->text = text;
    p->kind = p->quoted || p->op         ? TOKEN_TERM
              : strcmp(text, "AND") == 0 ? TOKEN_AND
              : strcmp(text, "OR") == 0  ? TOKEN_OR
              : strcmp(text, "NOT") == 0 ? TOKEN_NOT
                                         : TOKEN_TERM;
    return 0;
}

static int token_read(struct parser *p)
{
    while (is_space(*p->at))
        p->at++;
    p->kind = *p->at == '\0'                     ? TOKEN_END
              : *p->at == '('                    ? TOKEN_OPEN
              : *p->at == ')'                    ? TOKEN_CLOSE
              : *p->at == '-' && p->at[1] == '(' ? TOKEN_NOT
                                                 : TOKEN_TERM;
    if (p->kind == TOKEN_TERM)
        return term_read(p);
    p->at += p->kind != TOKEN_END;
    return 0;
}

static bool number_read(const char *text, double *ret)
{
    const char *p = text + (*text == '+' || *text == '-'), *digits = p;
    size_t n = 0;
    if (strcasecmp(p, "nan") == 0 || strcasecmp(p, "inf") == 0) {
        *ret = p[0] == 'n' || p[0] == 'N' ? NAN : *text == '-' ? -INFINITY : INFINITY;
        return true;
    }
    for (; isdigit((unsigned char)*p) || (*p == '.' && !memchr(digits, '.', (size_t)(p - digits)));
         p++)
        n += *p != '.';
    if (n > 0 && (*p == 'e' || *p == 'E')) {
        p += 1 + (p[1] == '+' || p[1] == '-');
        if (!isdigit((unsigned char)*p))
            return false;
        while (isdigit((unsigned char)*p))
            p++;
    }
    *ret = strtod(text, NULL);
    return n > 0 && !*p;
}

static struct filter *node_new(struct parser *p, enum filter_kind kind)
{
    struct filter *f = arena_alloc(p->a, sizeof *f);
    *f = (struct filter){.kind = kind};
    return f;
}

/* Cuts the text at its commas, if it is a list: each part, with the commas that were in quotes. */
static char **text_parts(struct parser *p, char *text, bool list, size_t *ret_n)
{
    size_t n = 1;
    for (const char *at = text; list && *at; at++)
        n += *at == ',';
    char **parts = arena_alloc(p->a, n * sizeof *parts);
    *ret_n = n;
    for (size_t i = 0; i < n; i++) {
        char *end = list ? strchr(text, ',') : NULL;
        parts[i] = text;
        if (end)
            *end = '\0';
        for (char *at = text; *at; at++)
            *at = *at == COMMA ? ',' : *at;
        text += strlen(text) + 1;
    }
    return parts;
}

static struct filter_name *names_new(struct parser *p, char **texts, size_t n)
{
    struct filter_name *names = arena_alloc(p->a, n * sizeof *names);
    for (size_t i = 0; i < n; i++)
        names[i] = (struct filter_name){.name = texts[i], .column = SIZE_MAX};
    return names;
}

static struct filter_text *texts_new(struct parser *p, char **texts, size_t n)
{
    struct filter_text *list = arena_alloc(p->a, n * sizeof *list);
    for (size_t i = 0; i < n; i++) {
        list[i].text = texts[i];
        list[i].is_number = number_read(texts[i], &list[i].number);
    }
    return list;
}

/* why:oom is true for that reason, and where the cause says so. */
static struct filter *why_parse(struct parser *p, char **values, size_t n)
{
    struct filter *any = node_new(p, FILTER_ANY), **last = &any->parts;
    for (size_t i = 0; i < 2; i++) {
        struct filter *f = *last = node_new(p, i ? FILTER_SAYS : FILTER_AMONG);
        char *column = arena_strdup(p->a, i ? "cause" : "reason");
        f->names = names_new(p, &column, f->names_n = 1);
        f->texts = texts_new(p, values, f->texts_n = n);
        last = &f->next;
    }
    return any;
}

/* NAME OPERATOR VALUE. */
static int named_parse(struct parser *p, char *text, size_t op_at, struct filter **ret)
{
    size_t n, i = 0;
    bool list = strcmp(p->op, ":") == 0;
    char *name = arena_strndup(p->a, text, op_at);
    (void)text_parts(p, name, false, &n);
    if (!*name || !text[op_at])
        return err_set(p->err, ERR_USAGE, "'%.60s%s' has no %s", name, p->op,
                       *name ? "value" : "name");
    char **values = text_parts(p, text + op_at, list, &n);
    while (strcmp(operators[i], p->op) != 0)
        i++;
    if (kinds[i] == FILTER_AMONG && strcmp(name, "why") == 0) {
        *ret = why_parse(p, values, n);
        return 0;
    }
    struct filter *f = *ret = node_new(p, kinds[i]);
    if (list && strcmp(name, "has") == 0) {
        f->kind = FILTER_HAS;
        f->names = names_new(p, values, f->names_n = n);
        return 0;
    }
    f->names = names_new(p, &name, f->names_n = 1);
    f->texts = texts_new(p, values, f->texts_n = n);
    if (f->kind >= FILTER_LESS && f->kind <= FILTER_AT_LEAST && !f->texts[0].is_number)
        return err_set(p->err, ERR_USAGE, "%s needs a number, not '%.60s'", p->op, values[0]);
    return 0;
}

static int term_parse(struct parser *p, struct filter **ret)
{
    char *text = p->text;
    size_t n, op_at = p->op_at;
    bool turned = !p->quoted && text[0] == '-' && text[1] && (!p->op || op_at > 0);
    int rc = 0;
    if (++p->terms > FILTER_TERMS_MAX)
        return err_set(p->err, ERR_USAGE, "it has more than %d terms", FILTER_TERMS_MAX);
    if (turned) {
        text++;
        op_at--;
    }
    struct filter *f = NULL;
    if (p->op) {
        rc = named_parse(p, text, op_at, &f);
    } else {
        f = node_new(p, FILTER_SEARCH);
        f->texts = texts_new(p, text_parts(p, text, false, &n), f->texts_n = 1);
    }
    *ret = f;
    if (turned) {
        *ret = node_new(p, FILTER_NOT);
        (*ret)->parts = f;
    }
    return rc ? rc : token_read(p);
}

static int any_parse(struct parser *p, struct filter **ret);

static int one_parse(struct parser *p, struct filter **ret)
{
    int rc;
    if (p->kind != TOKEN_NOT && p->kind != TOKEN_OPEN && p->kind != TOKEN_TERM)
        return err_set(p->err, ERR_USAGE, "a term is missing");
    if (++p->depth > FILTER_DEPTH_MAX)
        return err_set(p->err, ERR_USAGE, "it is nested more than %d deep", FILTER_DEPTH_MAX);
    if (p->kind == TOKEN_TERM) {
        rc = term_parse(p, ret);
    } else if (p->kind == TOKEN_NOT) {
        *ret = node_new(p, FILTER_NOT);
        rc = token_read(p);
        if (rc == 0)
            rc = one_parse(p, &(*ret)->parts);
    } else {
        rc = token_read(p);
        if (rc == 0)
            rc = any_parse(p, ret);
        if (rc == 0 && p->kind != TOKEN_CLOSE)
            rc = err_set(p->err, ERR_USAGE, "a ) is missing");
        if (rc == 0)
            rc = token_read(p);
    }
    p->depth--;
    return rc;
}

static int every_parse(struct parser *p, struct filter **ret)
{
    struct filter *f = *ret = node_new(p, FILTER_EVERY), **last = &f->parts;
    int rc = 0;
    do {
        if (f->parts && p->kind == TOKEN_AND)
            rc = token_read(p);
        if (rc == 0)
            rc = one_parse(p, last);
        if (rc == 0)
            last = &(*last)->next;
    } while (rc == 0 && p->kind != TOKEN_END && p->kind != TOKEN_CLOSE && p->kind != TOKEN_OR);
    return rc;
}

static int any_parse(struct parser *p, struct filter **ret)
{
    struct filter *f = *ret = node_new(p, FILTER_ANY), **last = &f->parts;
    int rc = every_parse(p, last);
    while (rc == 0 && p->kind == TOKEN_OR) {
        last = &(*last)->next;
        rc = token_read(p);
        if (rc == 0)
            rc = every_parse(p, last);
    }
    return rc;
}

/* Nothing but blanks: each trial is wanted. */
static bool is_blank(const char *text)
{
    while (is_space(*text))
        text++;
    return !*text;
}

int filter_parse(const char *text, struct arena *a, struct filter **ret, struct err *err)
{
    struct parser p = {.a = a, .at = text, .err = err};
    if (strlen(text) > LIMIT_FILTER_BYTES)
        return err_set(err, ERR_USAGE, "it is longer than %d bytes", LIMIT_FILTER_BYTES);
    if (is_blank(text)) {
        *ret = node_new(&p, FILTER_EVERY);
        return 0;
    }
    int rc = token_read(&p);
    if (rc == 0)
        rc = any_parse(&p, ret);
    if (rc == 0 && p.kind != TOKEN_END)
        rc = err_set(err, ERR_USAGE, "a ( is missing");
    return rc;
}
