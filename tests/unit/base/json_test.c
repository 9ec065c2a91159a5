/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"
#include "base/limits.h"
#include "tests/test.h"
#include "tests/unit/base/gen.h"

static struct arena a;
static struct err err;

static struct value *parse(const char *text)
{
    struct value *v = NULL;
    if (json_parse(&a, text, strlen(text), &v, &err) < 0)
        FAIL("%s: %s", text, err.text);
    return v;
}

static const char *again(const char *text, enum json_style style)
{
    return json_text(&a, parse(text), style);
}

static void refused(const char *text, size_t len, int code, size_t at)
{
    struct value *v = NULL;
    char where[64];
    snprintf(where, sizeof where, "at byte %zu:", at);
    int rc = json_parse(&a, text, len, &v, &err);
    if (rc != code || v || !strstr(err.text, where))
        FAIL("%.*s: %d, %s (wanted %s)", (int)len, text, rc, rc ? err.text : "taken", where);
}

TEST(json_prints_compact)
{
    const char *text = "{\"a\":[1,1.0,-0.0,true,false,null,\"x\"],\"b\":{},\"c\":[]}";
    ASSERT_STR(again(text, JSON_COMPACT), text);
    ASSERT_STR(again(" \t\r\n[ 1 , 2 ] \n", JSON_COMPACT), "[1,2]");
    ASSERT_STR(again("1e5", JSON_COMPACT), "100000.0");
    ASSERT_STR(again("\"\\u00e9\\n\\u0001\\/\\ud83d\\ude00\\\"\"", JSON_COMPACT),
               "\"\u00e9\\n\\u0001/\U0001F600\\\"\"");
    arena_done(&a);
}

TEST(json_prints_as_python)
{
    ASSERT_STR(again("{\"a\":[1,2.5,NaN,-Infinity],\"\u00e9\":\"\U0001F600\x7f\"}", JSON_PYTHON),
               "{\"a\": [1, 2.5, NaN, -Infinity], \"\\u00e9\": \"\\ud83d\\ude00\\u007f\"}");
    arena_done(&a);
}

TEST(json_prints_pretty)
{
    ASSERT_STR(again("{\"a\":[1,{\"b\":2}],\"c\":{},\"d\":\"\u00e9\"}", JSON_PRETTY),
               "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ],\n  \"c\": {},\n"
               "  \"d\": \"\u00e9\"\n}");
    arena_done(&a);
}

TEST(json_keeps_numbers)
{
    ASSERT_EQ(parse("9223372036854775807")->i, INT64_MAX);
    ASSERT_EQ(parse("-9223372036854775808")->i, INT64_MIN);
    ASSERT_EQ(parse("9007199254740993")->i, INT64_C(9007199254740993));
    ASSERT_EQ(parse("-0")->kind, VALUE_INT);
    ASSERT_EQ(parse("1")->kind, VALUE_INT);
    ASSERT_EQ(parse("1.0")->kind, VALUE_FLOAT);
    ASSERT_EQ(parse("1E2")->kind, VALUE_FLOAT);
    ASSERT(parse("9223372036854775808")->f == 0x1p63);
    ASSERT(parse("-9223372036854775809")->f == -0x1p63);
    ASSERT(parse("123456789012345678901234567890")->f == 123456789012345678901234567890.0);
    ASSERT(parse("1.7976931348623157e308")->f == 1.7976931348623157e308);
    ASSERT(isnan(parse("NaN")->f));
    ASSERT(parse("[-Infinity]")->list.items[0]->f == -INFINITY);
    ASSERT_STR(again("{\"x\":NaN,\"y\":[Infinity,-Infinity]}", JSON_COMPACT),
               "{\"x\":\"NaN\",\"y\":[\"Infinity\",\"-Infinity\"]}");
    arena_done(&a);
}

TEST(json_takes_the_last_of_equal_keys)
{
    ASSERT_STR(again("{\"a\":1,\"b\":2,\"a\":3}", JSON_COMPACT), "{\"a\":3,\"b\":2}");
    arena_done(&a);
}

static const struct {
    const char *text;
    size_t at;
} bad[] = {
    {"", 0},
    {"   ", 3},
    {"{\"a\":1}x", 7},
    {"{\"a\":1} {}", 8},
    {"[1,]", 3},
    {"[1 2]", 3},
    {"[1-2]", 2},
    {"[1,2", 4},
    {"{\"a\":1,}", 7},
    {"{a:1}", 1},
    {"{1:2}", 1},
    {"{\"a\" 1}", 5},
    {"01", 0},
    {"-01", 0},
    {"1.", 0},
    {".5", 0},
    {"+1", 0},
    {"-", 0},
    {"1e", 0},
    {"0x10", 1},
    {"1e400", 0},
    {"[-1e400]", 1},
    {"Nan", 0},
    {"-NaN", 0},
    {"NaNs", 3},
    {"]", 0},
    {"[}", 1},
    {"{]", 1},
    {"[1}", 2},
    {"{\"a\":1]", 6},
    {"{\"a\"}", 4},
    {"{\"a\":}", 5},
    {"[,1]", 1},
    {"[1,,2]", 3},
    {"{,}", 1},
    {"1 1", 2},
    {"[1]]", 3},
    {"1:", 1},
    {"Inf", 0},
    {"[nul]", 1},
    {"[truefalse]", 5},
    {"'a'", 0},
    {"\"abc", 0},
    {"\"a\nb\"", 2},
    {"\"\\x\"", 1},
    {"\"\\u12\"", 1},
    {"\"\\u12g4\"", 1},
    {"\"\\u0000\"", 1},
    {"\"a\\ud800\"", 2},
    {"\"\\ud800\\u0041\"", 1},
    {"\"\\udc00\"", 1},
    {"\"\xff\"", 1},
    {"\"\xc0\x80\"", 1},
    {"\"\xed\xa0\x80\"", 1},
    {"\xef\xbb\xbf{}", 0},
    {"[1,\x0b 2]", 3},
    {"[1,\xc2\xa0 2]", 3},
    {"// x\n1", 0},
};

TEST(json_refuses_with_an_offset)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused(bad[i].text, strlen(bad[i].text), ERR_SYNTAX, bad[i].at);
    refused("[1\0]", 4, ERR_SYNTAX, 2);
    refused("[1,\0]", 5, ERR_SYNTAX, 3);
    refused("\"a\0b\"", 5, ERR_SYNTAX, 2);
    refused("{}\0", 3, ERR_SYNTAX, 2);
    arena_done(&a);
}

TEST(json_bounds_the_depth)
{
    char text[2 * LIMIT_JSON_DEPTH + 8] = "";
    memset(text, '[', LIMIT_JSON_DEPTH);
    memset(text + LIMIT_JSON_DEPTH, ']', LIMIT_JSON_DEPTH);
    ASSERT_EQ(parse(text)->list.n, 1);
    memset(text, '[', LIMIT_JSON_DEPTH + 1);
    memset(text + LIMIT_JSON_DEPTH + 1, ']', LIMIT_JSON_DEPTH + 1);
    refused(text, strlen(text), ERR_LIMIT, LIMIT_JSON_DEPTH);
    arena_done(&a);
}

TEST(json_reads_what_it_prints)
{
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct rng r;
        rng_init(&r, seed, 0, RNG_TEST);
        struct value *v = gen_value(&r, &a, 4);
        for (int style = JSON_COMPACT; style <= JSON_PRETTY; style++) {
            if (style != JSON_PYTHON && !gen_finite(v))
                continue;
            char *text = json_text(&a, v, (enum json_style)style);
            struct value *back = parse(text);
            if (!value_same(v, back) || strcmp(text, json_text(&a, back, (enum json_style)style)))
                FAIL("seed %llu, style %d: %s", (unsigned long long)seed, style, text);
        }
        arena_clear(&a);
    }
    arena_done(&a);
}

/* Whatever a byte is changed to, the text is refused or what was read goes round. */
TEST(json_survives_damage)
{
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct rng r;
        rng_init(&r, seed, 1, RNG_TEST);
        char *text = json_text(&a, gen_value(&r, &a, 3), JSON_PYTHON);
        size_t len = strlen(text);
        for (uint64_t k = 0; k < 1 + rng_below(&r, 3) && len; k++)
            text[rng_below(&r, len)] = "\"\\{}[],:0123eE+-.NaIu\xc3\0 "[rng_below(&r, 25)];
        len -= rng_below(&r, 4) == 0 ? (size_t)rng_below(&r, len) : 0;
        struct value *v;
        if (json_parse(&a, text, len, &v, &err) == 0)
            ASSERT(value_same(v, parse(json_text(&a, v, JSON_PYTHON))));
        arena_clear(&a);
    }
    arena_done(&a);
}

TEST(json_values_can_be_bounded)
{
    static const char text[] = "{\"a\": [1, \"2\", {}], \"b\": null}"; /* six, with the outermost */
    struct value *v = NULL;
    arena_init(&a);
    ASSERT_EQ(json_parse_within(&a, text, strlen(text), 6, &v, &err), 0);
    ASSERT_EQ(value_get(v, "a")->list.n, 3);
    ASSERT_EQ(json_parse_within(&a, text, strlen(text), 5, &v, &err), ERR_LIMIT);
    ASSERT_STR(err.text, "invalid JSON at byte 25: too many values");
    arena_done(&a);
}

TEST(json_many_keys_cost_no_square)
{
    struct buf b;
    buf_init(&b, SIZE_MAX);
    buf_addc(&b, '{');
    for (int i = 0; i < 200000; i++)
        buf_addf(&b, "%s\"k%d\":%d", i ? "," : "", i, i);
    buf_addc(&b, '}');
    struct value *v = parse(buf_str(&b));
    ASSERT_EQ(v->dict.n, 200000);
    ASSERT_EQ(value_get_int(v, "k123456", 0), 123456);
    buf_done(&b);
    arena_done(&a);
}

TEST(json_print_str_repairs_what_is_no_text)
{
    struct buf b;
    buf_init(&b, SIZE_MAX);
    json_print_str(&b, "a\0b\xff\"c", 6);
    ASSERT_STR(buf_str(&b), "\"a\xEF\xBF\xBD"
                            "b\xEF\xBF\xBD\\\"c\"");
    buf_done(&b);
}

TEST(json_print_stops_at_the_end_of_the_room)
{
    struct buf b;
    buf_init(&b, 5);
    json_print(&b, parse("[1,2,3,4,5]"), JSON_COMPACT);
    ASSERT(b.overflow);
    ASSERT_STR(buf_peek(&b), "[1,2,");
    buf_done(&b);
    arena_done(&a);
}
