/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/message.h"

#include <math.h>
#include "base/limits.h"
#include "base/number/rng.h"
#include "tests/test.h"

static const char *some_text(struct rng *r, struct arena *a)
{
    static const char *const texts[] = {"",         "a",   "two words",        "\"quoted\"\\",
                                        "l1\nl2\t", "é€😀", "{\"loss\": NaN}\n"};
    size_t n = sizeof texts / sizeof *texts;
    return arena_printf(a, "%s%s", texts[rng_below(r, n)], texts[rng_below(r, n)]);
}

static struct value *some_value(struct rng *r, struct arena *a, int depth)
{
    struct value *v;
    switch (rng_below(r, depth < 3 ? 6 : 4)) {
    case 0:
        return value_null(a);
    case 1:
        return value_int(a, (int64_t)rng_u64(r));
    case 2:
        return value_str(a, some_text(r, a));
    case 3:
        return value_float(a, rng_unit(r));
    case 4:
        v = value_list(a);
        for (uint64_t i = rng_below(r, 4); i > 0; i--)
            value_push(a, v, some_value(r, a, depth + 1));
        return v;
    default:
        v = value_dict(a);
        for (uint64_t i = rng_below(r, 4); i > 0; i--)
            value_put(a, v, arena_printf(a, "k%d", (int)i), some_value(r, a, depth + 1));
        return v;
    }
}

#define SOME_INT(r, a) (rng_below(r, 2) ? rng_below(r, (1ull << 53) + 1) : rng_below(r, 3))
#define SOME_STR(r, a) some_text(r, a)
#define SOME_VALUE(r, a) some_value(r, a, 0)

static struct message some_message(struct rng *r, struct arena *a, enum message_type type)
{
    struct message m = {.type = type, .store = some_text(r, a), .epoch = SOME_INT(r, a)};
#define X(id, name, kind) m.name = SOME_##kind(r, a);
    MESSAGE_FIELDS(X)
#undef X
    return m;
}

static const uint64_t fields_of[] = {
#define X(id, word, fields) fields,
    MESSAGE_TYPES(X)
#undef X
};

static bool same_INT(uint64_t a, uint64_t b)
{
    return a == b;
}

static bool same_STR(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool same_VALUE(const struct value *a, const struct value *b)
{
    return value_same(a, b);
}

TEST(message_decode_of_encode_is_identity)
{
    struct rng r;
    rng_init(&r, 1, 0, RNG_TEST);
    for (int i = 0; i < 2000; i++) {
        struct arena a;
        struct buf text;
        struct message got = {0};
        struct err err = {0};
        arena_init(&a);
        buf_init(&text, SIZE_MAX);
        struct message m = some_message(&r, &a, (enum message_type)(i % MESSAGE_TYPE_COUNT));
        message_print(&text, &m);
        ASSERT(!text.overflow);
        if (message_parse(&a, buf_str(&text), text.len, &got, &err) != 0)
            FAIL("%s: %s", buf_str(&text), err.text);
        ASSERT_EQ(got.type, m.type);
        ASSERT_STR(got.store, m.store);
        ASSERT_EQ(got.epoch, m.epoch);
#define X(id, name, kind)                                                      \
    if ((fields_of[m.type] & MESSAGE_F(id)) && !same_##kind(got.name, m.name)) \
        FAIL("%s of %s", #name, buf_str(&text));
        MESSAGE_FIELDS(X)
#undef X
        buf_done(&text);
        arena_done(&a);
    }
}

static int parse(const char *text)
{
    struct arena a;
    struct message m = {.store = "untouched"};
    struct err err = {0};
    arena_init(&a);
    int rc = message_parse(&a, text, strlen(text), &m, &err);
    if (rc != 0) {
        ASSERT(err.text[0]);
        ASSERT_STR(m.store, "untouched");
    }
    arena_done(&a);
    return rc;
}

TEST(message_refusals)
{
    const char *stop = "{\"type\":\"stop\",\"store\":\"s\",\"epoch\":1,\"sweep\":\"x\",\"trial\":0,"
                       "\"attempt\":1,\"now\":0,\"something new\":[1]}";
    ASSERT_EQ(parse(stop), 0);
    static const struct {
        const char *text;
        int code;
    } cases[] = {
        {"{}", ERR_PROTOCOL},
        {"[]", ERR_PROTOCOL},
        {"{\"type\":3}", ERR_PROTOCOL},
        {"{\"type\":\"dance\",\"store\":\"s\",\"epoch\":1}", ERR_UNSUPPORTED},
        {"{\"type\":\"welcome\",\"epoch\":1,\"version\":1}", ERR_PROTOCOL},
        {"{\"type\":\"welcome\",\"store\":\"s\",\"version\":1}", ERR_PROTOCOL},
        {"{\"type\":\"welcome\",\"store\":\"s\",\"epoch\":-1,\"version\":1}", ERR_PROTOCOL},
        {"{\"type\":\"welcome\",\"store\":\"s\",\"epoch\":1.5,\"version\":1}", ERR_PROTOCOL},
        {"{\"type\":\"welcome\",\"store\":\"s\",\"epoch\":9007199254740993,\"version\":1}",
         ERR_PROTOCOL},
        {"{\"type\":\"welcome\",\"store\":\"s\",\"epoch\":1}", ERR_PROTOCOL},
        {"{\"type\":\"welcome\",\"store\":\"s\",\"epoch\":1,\"version\":\"1\"}", ERR_PROTOCOL},
        {"{\"type\":\"forget\",\"store\":\"s\",\"epoch\":1,\"sweep\":7,\"trial\":0,\"attempt\":1}",
         ERR_PROTOCOL},
        {"{\"type\":\"hello\",\"store\":\"\",\"epoch\":0,\"version\":1,\"agent\":\"a\",\"slots\":"
         "1}",
         ERR_PROTOCOL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (parse(cases[i].text) != cases[i].code)
            FAIL("%s: %d", cases[i].text, parse(cases[i].text));
    ASSERT(parse("{\"type\":") != 0);
    ASSERT(parse("") != 0);
}

TEST(message_absent_text_and_value)
{
    struct arena a;
    struct buf text;
    struct message got = {0};
    struct message m = {.type = MESSAGE_HELLO, .store = ""};
    arena_init(&a);
    buf_init(&text, SIZE_MAX);
    message_print(&text, &m);
    ASSERT_EQ(message_parse(&a, buf_str(&text), text.len, &got, NULL), 0);
    ASSERT_STR(got.agent, "");
    ASSERT_EQ(got.held->kind, VALUE_NULL);
    ASSERT_STR(message_name(got.type), "hello");
    buf_done(&text);
    arena_done(&a);
}

TEST(flags_of_values_that_are_not_numbers_stay_floats)
{
    struct arena a;
    struct buf text;
    struct message got = {0};
    arena_init(&a);
    buf_init(&text, SIZE_MAX);
    struct value *flags = value_list(&a);
    value_push(&a, flags, value_float(&a, NAN));
    struct message m = {.type = MESSAGE_SWEEP, .store = "", .flags = flags};
    message_print(&text, &m);
    ASSERT_EQ(message_parse(&a, buf_str(&text), text.len, &got, NULL), 0);
    ASSERT(value_same(got.flags, flags));
    buf_done(&text);
    arena_done(&a);
}

TEST(parameters_that_are_not_numbers_stay_floats)
{
    struct arena a;
    struct buf text;
    struct message got = {0};
    arena_init(&a);
    buf_init(&text, SIZE_MAX);
    struct value *params = value_dict(&a), *inner = value_list(&a);
    value_push(&a, inner, value_float(&a, -INFINITY));
    value_push(&a, inner, value_str(&a, "NaN é"));
    value_put(&a, params, "clip", value_float(&a, INFINITY));
    value_put(&a, params, "inner", inner);
    value_put(&a, params, "weird", value_float(&a, NAN));
    struct message m = {.type = MESSAGE_LAUNCH, .store = "", .params = params};
    message_print(&text, &m);
    ASSERT_EQ(message_parse(&a, buf_str(&text), text.len, &got, NULL), 0);
    ASSERT(value_get(got.params, "clip")->f == (double)INFINITY);
    const struct value *list = value_get(got.params, "inner");
    ASSERT(list->list.items[0]->f == -(double)INFINITY);
    ASSERT_STR(list->list.items[1]->s.ptr, "NaN é");
    ASSERT_EQ(value_get(got.params, "weird")->kind, VALUE_FLOAT);
    ASSERT(isnan(value_get(got.params, "weird")->f));
    buf_done(&text);
    arena_done(&a);
}
