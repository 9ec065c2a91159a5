/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/spec_source.h"
#include "language/reader/spec_finding.h"

#include <string.h>
#include "base/diag/source.h"

enum { TEXT_BYTES_MAX = 64 << 10 };

static struct source source_text(const struct spec_reader *r)
{
    bool known = r->text && r->len <= TEXT_BYTES_MAX;
    return source_of(known ? r->text : "", known ? r->len : 0);
}

const char *spec_source_of(const struct spec_reader *r, const struct spec_node *n, size_t *ret_len)
{
    struct source s = source_text(r);
    const struct yaml_node *y = n->yaml;
    size_t from, to;
    if (y->line != y->end_line || !spec_node_stands_here(n) ||
        !source_offset(&s, y->line, y->column, &from) ||
        !source_offset(&s, y->line, y->end_column, &to))
        return NULL;
    *ret_len = to - from;
    return r->text + from;
}

bool spec_source_key_in_quotes(const struct spec_reader *r, const struct spec_node *n)
{
    struct source s = source_text(r);
    size_t at;
    return n->key && n->line && source_offset(&s, n->line, n->column, &at) && at < s.len &&
           s.text[at] == '"';
}

/* The start of a line: a field's name, or a dash if there are no names. */
struct heads {
    const void *names;
    size_t n, stride;
};

static bool find_sign(const struct heads *h, const char *s, size_t len, struct spec_sign *ret)
{
    *ret = (struct spec_sign){0, 1, '-'};
    if (!h->names)
        return len > 1 && s[0] == '-' && !strchr(" \t-", s[1]);
    for (size_t i = 0; i < h->n; i++) {
        const char *name;
        memcpy(&name, (const char *)h->names + i * h->stride, sizeof name);
        size_t at = strlen(name);
        *ret = (struct spec_sign){at, at + 1, ':'};
        if (len > at + 1 && strncmp(s, name, at) == 0 && s[at] == ':')
            return !strchr(" \t:", s[at + 1]);
    }
    return false;
}

/* Finds the lines of n that begin in this way; the first line must. */
static bool find_lines(const struct spec_reader *r, const struct spec_node *n,
                       const struct heads *h, struct spec_tight *ret)
{
    struct source s = source_text(r);
    size_t start, end;
    struct spec_sign sign;
    *ret = (struct spec_tight){0};
    for (int line = n->yaml->line; line <= n->yaml->end_line && ret->n < SPEC_TIGHT_MAX; line++) {
        if (!source_line(&s, line, &start, &end))
            return false;
        size_t at = start;
        while (at < end && strchr(" \t", r->text[at]))
            at++;
        int column = (int)(at - start) + 1;
        if (line == n->yaml->line) {
            column = n->yaml->column;
            if (!source_offset(&s, line, column, &at) ||
                !find_sign(h, r->text + at, end - at, &sign))
                return false;
            ret->sign = sign;
            ret->line = r->text + at;
            ret->len = end - at;
        }
        if (find_sign(h, r->text + at, end - at, &sign))
            ret->at[ret->n++] =
                (struct diag_span){line, column + (int)sign.from, line, column + (int)sign.to};
    }
    return true;
}

static bool say_tight(struct spec_reader *r, const struct spec_node *n, const struct heads *h,
                      bool error, bool sure)
{
    struct spec_tight f;
    if (spec_node_kind(n) != VALUE_STR || !spec_node_stands_here(n) || !find_lines(r, n, h, &f))
        return false;
    const char *what = arena_printf(r->arena, "put a space after this '%c'", f.sign.is);
    if (f.n > 1)
        what = arena_printf(r->arena, "%s; so in %zu lines", what, f.n);
    struct diag *said =
        error ? spec_node_error(r, n, NULL, "%s", what) : spec_node_warn(r, n, NULL, "%s", what);
    if (!said)
        return true;
    said->line = n->yaml->line;
    said->column = n->yaml->column;
    diags_end_at(said, said->line, said->column + (int)f.sign.to);
    spec_finding_tell(r, said, n, SPEC_FOUND(TIGHT, .tight = &f, .sure = sure));
    return true;
}

bool spec_source_say_tight_fields(struct spec_reader *r, const struct spec_node *n, bool error,
                                  const void *names, size_t names_n, size_t stride)
{
    return say_tight(r, n, &(struct heads){names, names_n, stride}, error, true);
}

/* -1 may be a number on purpose, so it is not reported as sure. */
bool spec_source_say_tight_dashes(struct spec_reader *r, const struct spec_node *n)
{
    const char *text = spec_node_kind(n) == VALUE_STR ? n->yaml->value->s.ptr : "";
    return say_tight(r, n, &(struct heads){0}, true, *text == '-' && !strpbrk(text, ".0123456789"));
}
