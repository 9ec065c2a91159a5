/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json_span.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "tests/test.h"
#include "tests/unit/base/gen.h"

static bool find(const char *text, const char *key, struct json_span *ret)
{
    return json_span_find(json_span_of(text, strlen(text)), key, ret);
}

TEST(json_span_finds_members)
{
    const char *text = " { \"a\" : [1, {\"b\":\"]}\"}] , \"x\\u0079\":\"\\\"\", \"b\" : NaN } ";
    struct json_span v;
    double number;
    ASSERT(find(text, "a", &v));
    ASSERT_EQ(v.end - v.at, (long)strlen("[1, {\"b\":\"]}\"}]"));
    ASSERT(find(text, "xy", &v));
    ASSERT_EQ(v.end - v.at, 4);
    ASSERT(find(text, "b", &v));
    ASSERT(json_span_number(v, &number) && isnan(number));
    ASSERT(!find(text, "c", &v));
    ASSERT(!find("[1]", "c", &v));
}

TEST(json_span_finds_items)
{
    const char *text = " [1, [2, 3] , \"x\"] ";
    struct json_span list = json_span_of(text, strlen(text)), v;
    ASSERT(json_span_item(list, 1, &v));
    ASSERT_EQ(v.end - v.at, (long)strlen("[2, 3]"));
    ASSERT(json_span_item(list, 2, &v) && *v.at == '"');
    ASSERT(!json_span_item(list, 3, &v));
    ASSERT(!json_span_item(json_span_of("5", 1), 0, &v));
}

/* As json_parse() reads them. */
TEST(json_span_compares_escaped_keys)
{
    static const struct {
        const char *key, *text;
        bool is;
    } cases[] = {{"\"\\u0061b\"", "ab", true},
                 {"\"a\\u0062\"", "ab", true},
                 {"\"a\\u0062\"", "abc", false},
                 {"\"a\\u0062c\"", "ab", false},
                 {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", true},
                 {"\"\\u00E9\\u20ac\"", "é€", true},
                 {"\"\\ud83d\\uDE00\"", "😀", true},
                 {"\"\\ud83d\"", "", false},
                 {"\"\\ud83dx\"", "\xed\xa0\xbdx", false},
                 {"\"\\ude00\"", "\xed\xb8\x80", false},
                 {"\"\\u0000\"", "", false},
                 {"\"\\u00g1\"", "", false},
                 {"\"\\x\"", "x", false},
                 {"\"\\\"", "\"", false},
                 {"\"\"", "", true},
                 {"\"", "", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json_span key = json_span_of(cases[i].key, strlen(cases[i].key));
        ASSERT_EQ(json_span_is(key, cases[i].text), cases[i].is);
    }
}

TEST(json_span_reads_numbers)
{
    static const struct {
        const char *text;
        double value;
    } good[] = {{"1", 1},
                {"-2.5e3", -2500},
                {"Infinity", (double)INFINITY},
                {"\"-Infinity\"", -(double)INFINITY}};
    static const char *const bad[] = {"", "\"\"", "\"1\"", "true", "null", "[1]", "{}", "\""};
    double number;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ASSERT(json_span_number(json_span_of(good[i].text, strlen(good[i].text)), &number));
        ASSERT(number == good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ASSERT(!json_span_number(json_span_of(bad[i], strlen(bad[i])), &number));
}

/* Whatever is cut off, a walk ends within the text. */
TEST(json_span_ends_within_broken_text)
{
    static const char text[] = "{\"a\":[1,{\"b\":\"x\\\"y\"}],\"c\":{\"d\":[[],[2]]},\"e\":\"\\";
    for (size_t len = 0; len < sizeof text; len++) {
        char *copy = malloc(len + 1);
        memcpy(copy, text, len);
        struct json_walk w;
        struct json_span key, v, deep;
        int n = 0;
        if (json_span_enter(json_span_of(copy, len), &w))
            while (json_span_next(&w, &key, &v) && n++ < 10) {
                ASSERT(v.at >= copy && v.end <= copy + len && v.at < v.end);
                json_span_find(v, "d", &deep);
            }
        ASSERT(n < 10);
        free(copy);
    }
}

static void value_agrees(const char *text)
{
    struct arena a;
    struct value *parsed, got;
    arena_init(&a);
    struct json_span span = json_span_of(text, strlen(text));
    bool good = json_parse(&a, text, strlen(text), &parsed, NULL) == 0;
    if (json_span_value(&a, span, &got) != good)
        FAIL("%s was %s", text, good ? "refused" : "read");
    if (good)
        ASSERT_STR(json_text(&a, &got, JSON_COMPACT), json_text(&a, parsed, JSON_COMPACT));
    if (good && got.kind != parsed->kind)
        FAIL("%s has another kind", text);
    arena_done(&a);
}

TEST(json_span_reads_values_as_json_parse_does)
{
    static const char *const some[] = {"1",
                                       "-1",
                                       "0",
                                       "-0",
                                       "01",
                                       "-01",
                                       "1.",
                                       "1.0",
                                       ".5",
                                       "-.5",
                                       "00.5",
                                       "1.5e3",
                                       "1e5",
                                       "1E-5",
                                       "1e",
                                       "1.e5",
                                       "-",
                                       "+1",
                                       "1e400",
                                       "123456789012345678",
                                       "1234567890123456789",
                                       "9223372036854775807",
                                       "9223372036854775808",
                                       "NaN",
                                       "Infinity",
                                       "-Infinity",
                                       "nan",
                                       "\"a\"",
                                       "\"a\\u00e9\"",
                                       "\"\"",
                                       "\"a\"b\"",
                                       "\"",
                                       "\"\x7f\"",
                                       "\"\xc3\xa9\"",
                                       "\"\xc3\"",
                                       "\"\n\"",
                                       "true",
                                       "null",
                                       "nul",
                                       "[1,2.0]",
                                       "{\"a\":{}}",
                                       "{\"a\"}",
                                       "1 2",
                                       ""};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        value_agrees(some[i]);
    struct rng r;
    rng_init(&r, 5, 0, RNG_TEST);
    for (int i = 0; i < 3000; i++) {
        struct arena a;
        arena_init(&a);
        char *text = json_text(&a, gen_value(&r, &a, 2), i % 2 ? JSON_PYTHON : JSON_COMPACT);
        value_agrees(text);
        text[rng_below(&r, strlen(text))] = "\"\\,1e.-x"[rng_below(&r, 8)];
        value_agrees(text);
        arena_done(&a);
    }
}

TEST(json_span_reads_texts)
{
    struct arena a;
    arena_init(&a);
    ASSERT_STR(json_span_text(&a, json_span_of("\"a\\\"b\"", 6)), "a\"b");
    ASSERT(!json_span_text(&a, json_span_of("1", 1)));
    ASSERT(!json_span_text(&a, json_span_of("\"a", 2)));
    arena_done(&a);
}
