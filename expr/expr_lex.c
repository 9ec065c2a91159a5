/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "expr/expr_lex.h"

#include <math.h>
#include <string.h>
#include "base/number/number.h"

static const struct {
    const char *text;
    enum expr_token token;
} words[] = {
    {"and", TOKEN_AND},     {"or", TOKEN_OR},     {"not", TOKEN_NOT},   {"in", TOKEN_IN},
    {"is", TOKEN_IS},       {"if", TOKEN_IF},     {"else", TOKEN_ELSE}, {"True", TOKEN_TRUE},
    {"False", TOKEN_FALSE}, {"None", TOKEN_NONE}, {"true", TOKEN_TRUE}, {"false", TOKEN_FALSE},
    {"null", TOKEN_NONE},
};

/* Longer ones first. */
static const struct {
    const char *text;
    enum expr_token token;
} signs[] = {
    {"**", TOKEN_POW},        {"//", TOKEN_FLOOR_DIV},
    {"<=", TOKEN_LESS_EQUAL}, {">=", TOKEN_GREATER_EQUAL},
    {"==", TOKEN_EQUAL},      {"!=", TOKEN_NOT_EQUAL},
    {"<", TOKEN_LESS},        {">", TOKEN_GREATER},
    {"+", TOKEN_PLUS},        {"-", TOKEN_MINUS},
    {"*", TOKEN_TIMES},       {"/", TOKEN_DIV},
    {"%", TOKEN_MOD},         {"(", TOKEN_OPEN},
    {")", TOKEN_CLOSE},       {"[", TOKEN_OPEN_LIST},
    {"]", TOKEN_CLOSE_LIST},  {",", TOKEN_COMMA},
};

/* Operators of other languages and special characters, with the token that replaces each so that
 * the rest can be read; longer ones first. */
static const struct {
    const char *text, *fix;
    enum expr_token token;
} foreign[] = {
    {"===", "==", TOKEN_EQUAL},
    {"=<", "<=", TOKEN_LESS_EQUAL},
    {"=>", ">=", TOKEN_GREATER_EQUAL},
    {"<>", "!=", TOKEN_NOT_EQUAL},
    {"&&", "and", TOKEN_AND},
    {"||", "or", TOKEN_OR},
    {"=", "==", TOKEN_EQUAL},
    {"&", "and", TOKEN_AND},
    {"|", "or", TOKEN_OR},
    {"!", "not", TOKEN_NOT},
    {"^", "**", TOKEN_POW},
    {"\xE2\x89\xA4", "<=", TOKEN_LESS_EQUAL},
    {"\xE2\x89\xA5", ">=", TOKEN_GREATER_EQUAL},
    {"\xE2\x89\xA0", "!=", TOKEN_NOT_EQUAL},
    {"\xC3\x97", "*", TOKEN_TIMES},
    {"\xE2\x88\x88", "in", TOKEN_IN},
    {"\xE2\x88\xA7", "and", TOKEN_AND},
    {"\xE2\x88\xA8", "or", TOKEN_OR},
    {"\xC2\xAC", "not", TOKEN_NOT},
    {"\xE2\x88\x92", "-", TOKEN_MINUS},
    {"\xE2\x80\x98", "'", TOKEN_BAD},
    {"\xE2\x80\x99", "'", TOKEN_BAD},
    {"\xE2\x80\x9C", "\"", TOKEN_BAD},
    {"\xE2\x80\x9D", "\"", TOKEN_BAD},
    {"?", NULL, TOKEN_BAD},
};

void expr_lex_init(struct expr_lex *x, struct expr_reader *r, const char *text, size_t len)
{
    *x = (struct expr_lex){.r = r, .text = text, .len = len};
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool begins_name(char c)
{
    return c == '_' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool text_starts(const struct expr_lex *x, const char *what)
{
    size_t n = strlen(what);
    return x->len - x->at >= n && memcmp(x->text + x->at, what, n) == 0;
}

static void lex_bad(struct expr_lex *x, size_t len, const char *fix, const char *message)
{
    x->token = TOKEN_BAD;
    x->end = x->offset + len;
    x->r->say(x->r->arg, x->offset, len, fix, message);
}

static size_t digits_end(const struct expr_lex *x, size_t at)
{
    while (at < x->len && (is_digit(x->text[at]) ||
                           (x->text[at] == '_' && at + 1 < x->len && is_digit(x->text[at + 1]))))
        at++;
    return at;
}

static void read_number(struct expr_lex *x)
{
    size_t end = digits_end(x, x->at), whole = end;
    if (end < x->len && x->text[end] == '.')
        end = digits_end(x, end + 1);
    if (end < x->len && (x->text[end] | 0x20) == 'e') {
        size_t sign = end + 1;
        sign += sign < x->len && (x->text[sign] == '+' || x->text[sign] == '-');
        if (sign < x->len && is_digit(x->text[sign]))
            end = digits_end(x, sign);
    }
    bool is_int = end == whole;
    size_t len = end - x->at, n = 0;
    char *plain = arena_alloc(x->r->arena, len + 1);
    for (size_t i = 0; i < len; i++)
        if (x->text[x->at + i] != '_')
            plain[n++] = x->text[x->at + i];
    double f;
    int64_t integer = 0;
    bool fits = number_parse(plain, n, &f) && isfinite(f);
    for (size_t i = 0; is_int && fits && i < n; i++)
        fits = !__builtin_mul_overflow(integer, 10, &integer) &&
               !__builtin_add_overflow(integer, plain[i] - '0', &integer);
    x->end = end;
    if (end < x->len && begins_name(x->text[end]))
        lex_bad(x, len + 1, NULL,
                "there is no operator between a number and a name: is a `*` missing?");
    else if (!fits)
        lex_bad(x, len, NULL,
                is_int ? "the integer has more than 64 bits" : "the number is too large");
    else if (is_int && n > 1 && plain[0] == '0')
        lex_bad(x, len, plain + strspn(plain, "0"), "an integer must not begin with 0");
    else {
        x->token = TOKEN_NUMBER;
        x->value = is_int ? value_int(x->r->arena, integer) : value_float(x->r->arena, f);
    }
}

static char unescaped_character(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case '\\':
    case '\'':
    case '"':
        return c;
    default:
        return 0;
    }
}

static void read_text(struct expr_lex *x)
{
    char quote = x->text[x->at];
    size_t n = 0, at = x->at + 1, most = 0;
    while (at + most < x->len && (x->text[at + most] != quote || x->text[at + most - 1] == '\\'))
        most++;
    char *text = arena_alloc(x->r->arena, most + 1);
    for (; at < x->len && x->text[at] != quote && x->text[at] != '\n'; at++) {
        char c = x->text[at];
        if (c == '\\') {
            c = at + 1 < x->len ? unescaped_character(x->text[at + 1]) : 0;
            if (!c) {
                x->offset = at;
                lex_bad(x, 1, "\\\\",
                        "a backslash must be followed by n, t, a quote or a backslash");
                return;
            }
            at++;
        }
        text[n++] = c;
    }
    if (at >= x->len || x->text[at] != quote) {
        lex_bad(x, at - x->offset, NULL, "the text has no closing quote");
        return;
    }
    x->token = TOKEN_TEXT;
    x->value = value_strn(x->r->arena, text, n);
    x->end = at + 1;
}

/* The end of the name at this place: parts of letters, digits and '_', joined by dots. */
static size_t name_end(const char *text, size_t len, size_t at)
{
    for (;;) {
        while (at < len && (begins_name(text[at]) || is_digit(text[at])))
            at++;
        if (at + 1 >= len || text[at] != '.' ||
            !(begins_name(text[at + 1]) || is_digit(text[at + 1])))
            return at;
        at++;
    }
}

static enum expr_token word_token(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].text) == len && memcmp(words[i].text, name, len) == 0)
            return words[i].token;
    return TOKEN_NAME;
}

bool expr_lex_plain(const char *name)
{
    size_t len = strlen(name);
    return begins_name(*name) && name_end(name, len, 0) == len &&
           word_token(name, len) == TOKEN_NAME;
}

static void read_name(struct expr_lex *x)
{
    x->end = name_end(x->text, x->len, x->at);
    x->name = x->at;
    x->name_len = x->end - x->at;
    x->quoted = false;
    x->token = word_token(x->text + x->name, x->name_len);
}

static void read_quoted_name(struct expr_lex *x)
{
    size_t from = x->at + 1;
    const char *end = memchr(x->text + from, '`', x->len - from);
    if (!end) {
        lex_bad(x, x->len - x->offset, NULL, "the name has no closing backquote");
        return;
    }
    x->token = TOKEN_NAME;
    x->name = from;
    x->name_len = (size_t)(end - x->text) - from;
    x->quoted = true;
    x->end = from + x->name_len + 1;
}

/* $name and ${name}, as in a shell and in the macros of a command. */
static bool read_variable(struct expr_lex *x)
{
    bool braces = x->at + 1 < x->len && x->text[x->at + 1] == '{';
    size_t from = x->at + 1 + braces;
    if (x->text[x->at] != '$' || from >= x->len || !begins_name(x->text[from]))
        return false;
    size_t end = name_end(x->text, x->len, from);
    if (braces && (end >= x->len || x->text[end] != '}'))
        return false;
    const char *name = arena_strndup(x->r->arena, x->text + from, end - from);
    lex_bad(x, end + braces - x->at, name, "write the name of a parameter without `$`");
    x->token = TOKEN_NAME;
    x->offset = x->name = from;
    x->end = end;
    x->name_len = end - from;
    x->quoted = false;
    x->behind = braces;
    x->foreign = true;
    return true;
}

static void read_sign(struct expr_lex *x)
{
    /* "===" and "<>" begin like valid signs but are mistakes: the second loop finds them. */
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (!text_starts(x, signs[i].text) || text_starts(x, "===") || text_starts(x, "<>"))
            continue;
        x->token = signs[i].token;
        x->end = x->at + strlen(signs[i].text);
        return;
    }
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        if (!text_starts(x, foreign[i].text))
            continue;
        size_t n = strlen(foreign[i].text);
        const char *fix = foreign[i].fix;
        lex_bad(x, n, fix,
                fix ? arena_printf(x->r->arena, "`%.*s` is not valid here: write `%s`", (int)n,
                                   foreign[i].text, fix)
                    : "write a choice as `a if b else c`");
        x->token = foreign[i].token;
        x->foreign = x->foreign || x->token != TOKEN_BAD;
        return;
    }
    if (read_variable(x))
        return;
    size_t n = 1;
    while (x->at + n < x->len && ((unsigned char)x->text[x->at + n] & 0xC0) == 0x80)
        n++;
    lex_bad(x, n, NULL,
            arena_printf(x->r->arena, "`%.*s` does not belong here", (int)n, x->text + x->at));
}

void expr_lex_next(struct expr_lex *x)
{
    while (x->at < x->len && strchr(" \t\r\n", x->text[x->at]))
        x->at++;
    x->offset = x->end = x->at;
    x->behind = 0;
    char c = x->at < x->len ? x->text[x->at] : '\0';
    char after = x->at + 1 < x->len ? x->text[x->at + 1] : '\0';
    if (x->at >= x->len)
        x->token = TOKEN_END;
    else if (is_digit(c) || (c == '.' && is_digit(after)))
        read_number(x);
    else if (c == '\'' || c == '"')
        read_text(x);
    else if (c == '`')
        read_quoted_name(x);
    else if (begins_name(c))
        read_name(x);
    else
        read_sign(x);
    x->at = x->end + x->behind;
}
