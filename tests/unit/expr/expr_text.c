/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/expr/expr_text.h"

#include <string.h>
#include "base/limits.h"
#include "base/number/python.h"

static bool find(void *arg, const char *text, size_t offset, size_t len, size_t *ret_index)
{
    const struct expr_text *t = arg;
    if (text[offset] == '`') {
        offset++;
        len -= 2;
    }
    for (size_t i = 0; i < t->dict->dict.n; i++) {
        const char *key = t->dict->dict.entries[i].key;
        if (strlen(key) == len && memcmp(key, text + offset, len) == 0) {
            *ret_index = i;
            return true;
        }
    }
    struct expr_text *said = arg;
    if (said->said++ == 0)
        said->message = "unknown";
    return false;
}

static void say(void *arg, size_t offset, size_t len, const char *fix, const char *message)
{
    struct expr_text *t = arg;
    if (t->said++ > 0)
        return;
    t->offset = offset;
    t->len = len;
    t->fix = fix;
    t->message = message;
}

void expr_text_init(struct expr_text *t, const struct value *dict, const char *text)
{
    *t = (struct expr_text){.dict = dict};
    arena_init(&t->arena);
    struct expr_reader r = {&t->arena, find, say, t, LIMIT_EXPR_NODES};
    t->expr = expr_parse(&r, text, strlen(text));
}

void expr_text_done(struct expr_text *t)
{
    arena_done(&t->arena);
}

void expr_text_answer(struct expr_text *t, struct buf *out)
{
    if (!t->expr) {
        buf_addf(out, "%zu:%zu %s", t->offset, t->len, t->message);
        if (t->fix)
            buf_addf(out, " | %s", t->fix);
        return;
    }
    struct value **values = arena_alloc(&t->arena, (t->dict->dict.n + 1) * sizeof *values), v;
    const char *why = NULL;
    for (size_t i = 0; i < t->dict->dict.n; i++)
        values[i] = t->dict->dict.entries[i].value;
    if (expr_eval(t->expr, values, &v, &why))
        python_repr(out, &v);
    else
        buf_addf(out, "undefined: %s", why);
}

static const char *name_of(void *arg, size_t index)
{
    const struct value *dict = arg;
    return dict->dict.entries[index].key;
}

void expr_text_print(const struct expr_text *t, struct buf *out)
{
    expr_print(out, t->expr, name_of, (void *)t->dict);
}
