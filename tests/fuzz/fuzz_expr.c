/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any text as an expression: refused with a message and a place inside the text, or read to a tree
 * whose canonical text reads back to the same, with the same value or none at every point. */
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/number/python.h"
#include "expr/expr.h"
#include "expr/expr_type.h"
#include "tests/fuzz/fuzz.h"

enum { NAMES = 7, POINTS = 3, OUT_BYTES = 1 << 20 };
static const char *const names[NAMES] = {"x", "lr", "opt", "on", "a.b", "num-heads", "betas"};

struct reading {
    struct arena arena;
    size_t len, said;
};

static bool find(void *arg, const char *text, size_t offset, size_t len, size_t *ret_index)
{
    struct reading *r = arg;
    check(len > 0 && offset + len <= r->len);
    bool quoted = text[offset] == '`';
    for (size_t i = 0; i < NAMES; i++) {
        size_t n = strlen(names[i]);
        if (len == n + 2 * (size_t)quoted && memcmp(text + offset + quoted, names[i], n) == 0) {
            *ret_index = i;
            return true;
        }
    }
    r->said++;
    return false;
}

static void say(void *arg, size_t offset, size_t len, const char *fix, const char *message)
{
    struct reading *r = arg;
    (void)fix;
    check(offset <= r->len && len <= r->len - offset && *message);
    r->said++;
}

static const char *name_of(void *arg, size_t index)
{
    (void)arg;
    return names[index];
}

static const struct expr *parse(struct reading *r, const char *text, size_t len)
{
    struct expr_reader reader = {&r->arena, find, say, r, LIMIT_EXPR_NODES};
    r->len = len;
    r->said = 0;
    const struct expr *e = expr_parse(&reader, text, len);
    check((e != NULL) == (r->said == 0));
    return e;
}

static void make_point(struct arena *a, int which, struct value **values)
{
    static const int64_t ints[POINTS] = {3, 0, INT64_MIN};
    static const double floats[POINTS] = {0.1, -0.0, 1e300};
    static const char *const texts[POINTS] = {"adam", "", "it's"};
    struct value *betas = value_list(a);
    value_push(a, betas, value_float(a, 0.9));
    values[0] = value_int(a, ints[which]);
    values[1] = value_float(a, floats[which]);
    values[2] = value_str(a, texts[which]);
    values[3] = value_bool(a, which == 0);
    values[4] = which == 1 ? value_null(a) : value_int(a, which);
    values[5] = value_int(a, INT64_MAX - which);
    values[6] = which == 2 ? value_dict(a) : betas;
}

/* Has a value with a repr, or none and a reason. */
static void evaluate(struct buf *out, const struct expr *e, struct value *const *values)
{
    struct value v;
    const char *why = NULL;
    if (expr_eval(e, values, &v, &why)) {
        check(!why);
        (void)expr_truth(&v);
        python_repr(out, &v);
    } else {
        check(why && *why);
        buf_adds(out, why);
    }
}

static void say_type(void *arg, const struct expr *at, const char *message)
{
    struct reading *r = arg;
    check(at->offset + at->len <= r->len && *message);
    r->said++;
}

/* What is found to make no sense never has a value. */
static void check_type(struct reading *r, const struct expr *e, struct value *const *values)
{
    unsigned of[NAMES];
    struct value v;
    for (size_t i = 0; i < NAMES; i++)
        of[i] = EXPR_TYPE(values[i]->kind);
    struct expr_types t = {of, say_type, r, &r->arena};
    r->said = 0;
    unsigned type = expr_type(&t, e);
    check((type == 0) == (r->said > 0));
    if (type && expr_eval(e, values, &v, NULL))
        check(type & EXPR_TYPE(v.kind));
}

static void go_round(struct reading *r, const struct expr *e)
{
    struct reading second = {.len = 0};
    struct value *values[NAMES];
    struct buf text, again, a, b;
    arena_init(&second.arena);
    buf_init(&text, SIZE_MAX);
    buf_init(&again, SIZE_MAX);
    buf_init(&a, SIZE_MAX);
    buf_init(&b, SIZE_MAX);
    expr_print(&text, e, name_of, NULL);
    for (int i = 0; i < POINTS; i++) {
        make_point(&r->arena, i, values);
        check_type(r, e, values);
        evaluate(&a, e, values);
    }
    /* Blanks and digits may take it over the limit. */
    if (text.len <= LIMIT_EXPR_BYTES) {
        const struct expr *back = parse(&second, buf_str(&text), text.len);
        check(back);
        expr_print(&again, back, name_of, NULL);
        check(strcmp(buf_str(&text), buf_str(&again)) == 0);
        for (int i = 0; i < POINTS; i++) {
            make_point(&second.arena, i, values);
            evaluate(&b, back, values);
        }
        check(strcmp(buf_str(&a), buf_str(&b)) == 0);
    }
    buf_done(&text);
    buf_done(&again);
    buf_done(&a);
    buf_done(&b);
    arena_done(&second.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reading r = {.len = 0};
    arena_init(&r.arena);
    const char *text = arena_strndup(&r.arena, (const char *)data, size);
    const struct expr *e = parse(&r, text, strlen(text));
    if (e)
        go_round(&r, e);
    arena_done(&r.arena);
    return 0;
}
