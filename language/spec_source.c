/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/spec_source.h"

#include <string.h>
#include "base/source.h"

enum { TEXT_BYTES_MAX = 64 << 10, SHOWN_BYTES = 60, EDITS_MAX = 20 };

static struct source source(const struct spec_reader *r)
{
    bool known = r->text && r->len <= TEXT_BYTES_MAX;
    return source_of(known ? r->text : "", known ? r->len : 0);
}

const char *spec_source_of(const struct spec_reader *r, const struct spec_node *n, size_t *ret_len)
{
    struct source s = source(r);
    const struct yaml_node *y = n->yaml;
    size_t from, to;
    if (y->line != y->end_line || !spec_node_stands_here(n) ||
        !source_offset(&s, y->line, y->column, &from) ||
        !source_offset(&s, y->line, y->end_column, &to))
        return NULL;
    *ret_len = to - from;
    return r->text + from;
}

/* What stands at the start of a line, with the sign that lacks its blank at the end. */
struct tight {
    const void *names;
    size_t names_n, stride;
};

/* Bytes of `name:` or `-` where something follows at once, else 0. */
static size_t tight_at(const struct tight *t, const char *s, size_t len)
{
    size_t n = 1;
    if (!t->names)
        return len > 1 && s[0] == '-' && !strchr(" \t-", s[1]) ? n : 0;
    for (size_t i = 0; i < t->names_n; i++) {
        const char *name =
            *(const char *const *)(const void *)((const char *)t->names + i * t->stride);
        n = strlen(name) + 1;
        if (len > n && strncmp(s, name, n - 1) == 0 && s[n - 1] == ':' && !strchr(" \t:", s[n]))
            return n;
    }
    return 0;
}

struct place {
    int line, column;
};

/* Lines of n that are so; the first must be. */
static size_t find_places(const struct spec_reader *r, const struct spec_node *n,
                          const struct tight *t, struct place places[EDITS_MAX],
                          const char **ret_text, size_t *ret_len)
{
    struct source s = source(r);
    size_t found = 0, start, end;
    for (int line = n->yaml->line; line <= n->yaml->end_line && found < EDITS_MAX; line++) {
        if (!source_line(&s, line, &start, &end))
            return 0;
        size_t at = start;
        while (at < end && strchr(" \t", r->text[at]))
            at++;
        if (line == n->yaml->line && !source_offset(&s, line, n->yaml->column, &at))
            return 0;
        size_t len = tight_at(t, r->text + at, end - at);
        if (found == 0 && len == 0)
            return 0;
        if (found == 0) {
            *ret_text = r->text + at;
            *ret_len = end - at;
        }
        int column = line == n->yaml->line ? n->yaml->column : (int)(at - start) + 1;
        if (len > 0)
            places[found++] = (struct place){line, column + (int)len - 1};
    }
    return found;
}

static bool say(struct spec_reader *r, const struct spec_node *n, const struct tight *t, bool error,
                bool sure)
{
    struct place places[EDITS_MAX];
    const char *text, sign = t->names ? ':' : '-';
    size_t len = 0;
    size_t found = spec_node_kind(n) == VALUE_STR && spec_node_stands_here(n)
                       ? find_places(r, n, t, places, &text, &len)
                       : 0;
    if (found == 0)
        return false;
    size_t head = tight_at(t, text, len);
    const char *more = found == 1 ? "" : arena_printf(r->arena, ", and behind %zu more", found - 1);
    const char *fix = len <= SHOWN_BYTES ? arena_printf(r->arena, "%.*s %.*s", (int)head, text,
                                                        (int)(len - head), text + head)
                                         : NULL;
    struct diag *said =
        error ? spec_node_error(r, n, fix, "a blank is missing behind this '%c'%s", sign, more)
              : spec_node_warn(r, n, fix, "a blank is missing behind this '%c'%s", sign, more);
    if (!said)
        return true;
    said->line = n->yaml->line;
    said->column = n->yaml->column;
    diags_end_at(said, said->line, said->column + (int)head);
    for (size_t i = 0; i < found && sure; i++) {
        struct diag_span at = {places[i].line, places[i].column, places[i].line,
                               places[i].column + 1};
        diags_edit(r->diags, said, at, t->names ? ": " : "- ");
    }
    return true;
}

bool spec_source_say_tight_fields(struct spec_reader *r, const struct spec_node *n, bool error,
                                  const void *names, size_t names_n, size_t stride)
{
    return say(r, n, &(struct tight){names, names_n, stride}, error, true);
}

/* -1 may be meant: then there is no telling. */
bool spec_source_say_tight_dashes(struct spec_reader *r, const struct spec_node *n)
{
    const char *text = spec_node_kind(n) == VALUE_STR ? n->yaml->value->s.ptr : "";
    return say(r, n, &(struct tight){0}, true, *text == '-' && !strpbrk(text, ".0123456789"));
}
