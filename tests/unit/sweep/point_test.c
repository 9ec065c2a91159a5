/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/number/rng.h"
#include "sweep/point.h"
#include "tests/test.h"

static struct arena arena;

static struct points parse(const char *text, int64_t *next_step)
{
    struct points ret;
    points_parse(&arena, text, strlen(text), 5000, NULL, next_step, &ret);
    return ret;
}

static double find(const struct point *p, const char *key)
{
    double f;
    ASSERT(point_find(p, key, &f));
    return f;
}

TEST(point_reads_numbers_booleans_and_named_floats)
{
    int64_t next = 0;
    struct points ps = parse("{\"a\":1,\"b\":-2.5e-3,\"c\":true,\"d\":false,\"e\":\"NaN\",\"f\":"
                             "\"-Infinity\",\"g\":NaN,\"h\":Infinity,\"i\":-Infinity,\"j\":-0}\r\n",
                             &next);
    ASSERT_EQ(ps.n, 1);
    ASSERT_EQ(ps.bad, 0);
    const struct point *p = &ps.items[0];
    ASSERT_EQ(p->n, 10);
    ASSERT(find(p, "a") == 1 && find(p, "b") == -2.5e-3 && find(p, "c") == 1 && find(p, "d") == 0);
    ASSERT(isnan(find(p, "e")) && find(p, "f") == -INFINITY && isnan(find(p, "g")));
    ASSERT(find(p, "h") == INFINITY && find(p, "i") == -INFINITY);
    ASSERT(find(p, "j") == 0 && signbit(find(p, "j")));
    ASSERT_EQ(p->step, 0);
    ASSERT_EQ(p->time_ms, 5000);
}

TEST(point_step_alone_is_of_the_next_line)
{
    int64_t next = 0;
    struct points ps = parse("{\"step\":1}\n{\"a\":1}\n{\"a\":2}\n{\"step\":9}\n", &next);
    ASSERT(ps.n == 2 && ps.bad == 0 && ps.items[0].step == 1 && ps.items[1].step == 2);
    ASSERT_EQ(next, 9);
}

TEST(point_steps_continue_from_the_line_before)
{
    int64_t next = 7;
    struct points ps = parse("{\"a\":1}\n{\"step\":40,\"a\":1}\n{\"a\":1}\n{\"step\":3.0,\"a\":1}\n"
                             "{\"step\":\"x\",\"a\":1}\n{\"step\":9,\"a\":null}\n"
                             "{\"a\":2,\"step\":-5}",
                             &next);
    static const int64_t want[] = {7, 40, 41, 3, 4, -5};
    ASSERT_EQ(ps.n, 6);
    ASSERT_EQ(ps.bad, 1);
    for (size_t i = 0; i < ps.n; i++)
        ASSERT_EQ(ps.items[i].step, want[i]);
    ASSERT_EQ(next, -4);
    next = 0;
    /* Of a longer step the last digits would be lost: such lines, and what follows, are bad. */
    static const char *const long_steps[] = {"9223372036854775807",
                                             "1000000000000000000",
                                             "-1000000000000000000",
                                             "9.2e18",
                                             "1e300",
                                             "Infinity"};
    for (size_t i = 0; i < sizeof long_steps / sizeof *long_steps; i++) {
        char line[80];
        snprintf(line, sizeof line, "{\"a\":1,\"step\":%s}", long_steps[i]);
        ps = parse(line, &next);
        if (ps.n != 0 || ps.bad != 1 || next != 0)
            FAIL("%s: %zu points, %zu bad", line, ps.n, ps.bad);
    }
    ps = parse("{\"step\":999999999999999999,\"a\":1}\n{\"a\":1}\n{\"step\":4,\"a\":1}", &next);
    ASSERT_EQ(ps.n, 2);
    ASSERT_EQ(ps.bad, 1);
    ASSERT_EQ(ps.items[0].step, LIMIT_METRIC_STEP);
    ASSERT_EQ(next, 5);
}

TEST(point_step_with_a_fraction_makes_a_bad_line)
{
    int64_t next = 7;
    struct points ps = parse("{\"step\":1.5,\"a\":1}\n{\"step\":NaN,\"a\":1}\n{\"a\":2}\n", &next);
    ASSERT(ps.n == 1 && ps.bad == 2 && ps.items[0].step == 7);
}

TEST(point_time_is_seconds_or_when_it_came)
{
    int64_t next = 0;
    struct points ps = parse("{\"_time\":1700000000.25,\"a\":1}\n{\"_time\":\"x\",\"a\":1}\n"
                             "{\"_time\":-1,\"a\":1}\n{\"_time\":1e300,\"a\":1}\n",
                             &next);
    ASSERT_EQ(ps.n, 4);
    ASSERT_EQ(ps.items[0].n, 1);
    ASSERT_EQ(ps.items[0].time_ms, 1700000000250);
    for (size_t i = 1; i < 4; i++)
        ASSERT_EQ(ps.items[i].time_ms, 5000);
}

TEST(point_with_a_name_twice_is_kept_and_counts_as_a_bad_line)
{
    static const char *const twice[] = {
        "{\"loss\":1,\"a\":2,\"loss\":3}", "{\"step\":1,\"step\":0,\"loss\":3}",
        "{\"_time\":1,\"_time\":2,\"loss\":3}", "{\"loss\":3,\"a\":{\"b\":1},\"a.b\":2}"};
    for (size_t i = 0; i < sizeof twice / sizeof *twice; i++) {
        int64_t next = 0;
        struct points ps = parse(twice[i], &next);
        if (ps.n != 1 || ps.bad != 1 || ps.bad_line != 1 || !ps.bad_twice || next != 1 ||
            find(&ps.items[0], "loss") != 3)
            FAIL("%s: %zu points, %zu bad", twice[i], ps.n, ps.bad);
    }
    int64_t next = 0;
    struct points ps = parse("{\"a\":1}\n{\n{\"a\":1,\"a\":2}\n{\"a\":3}\n", &next);
    ASSERT(ps.n == 3 && ps.bad == 2 && ps.bad_line == 2 && !ps.bad_twice);
    ps = parse("{\"a\":1,\"b\":{\"a\":1,\"step\":1,\"_time\":1},\"step\":1,\"_time\":1}", &next);
    ASSERT(ps.n == 1 && ps.bad == 0 && !ps.bad_twice);
}

/* Of the same name in one line the last that is a time stands. */
TEST(point_time_given_twice)
{
    int64_t next = 0;
    struct points ps = parse("{\"_time\":5,\"_time\":1e300,\"a\":1}\n", &next);
    ASSERT_EQ(ps.items[0].time_ms, 5000);
}

TEST(point_flattens_and_keeps_the_last_of_equal_names)
{
    int64_t next = 0;
    struct points ps =
        parse("{\"a\":{\"b\":{\"c\":1},\"d\":2,\"step\":3},\"a.d\":4,\"x\":[1,{\"y\":"
              "\"]\"}],\"n\":null,\"s\":\"text\",\"e\":{}}",
              &next);
    ASSERT_EQ(ps.n, 1);
    ASSERT_EQ(ps.items[0].n, 3);
    ASSERT(find(&ps.items[0], "a.b.c") == 1 && find(&ps.items[0], "a.d") == 4);
    ASSERT(find(&ps.items[0], "a.step") == 3);
}

TEST(point_names_may_be_escaped)
{
    int64_t next = 0;
    struct points ps =
        parse("{\"\\u00e4\\n\\\"\\ud83e\\uddf9\":1,\"p\\/q\":{\"\\u0041\":2}}", &next);
    ASSERT_EQ(ps.n, 1);
    ASSERT(find(&ps.items[0], "\xc3\xa4\n\"\xf0\x9f\xa7\xb9") == 1);
    ASSERT(find(&ps.items[0], "p/q.A") == 2);
}

TEST(point_lines_without_a_metric_are_counted)
{
    static const char *const bad[] = {
        "1",
        "[]",
        "{",
        "{}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1}x",
        "{\"a\":1}{\"a\":1}",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":1e}",
        "{\"a\":1e400}",
        "{\"a\":0x10}",
        "{\"a\":tru}",
        "{\"step\":1,\"b\":\"x\"}",
        "{\"_time\":1}",
        "{\"a\":\"x\"}",
        "{\"\\ud800\":1}",
        "{\"\\u0000\":1}",
        "{\"\\q\":1}",
        "{\"\xff\":1}",
        "{\"a\" 1}",
        "{\"a\":[1}",
        "{\"a",
        "{\"a\\",
        "{\"a\":\"\t\"}",
        "{\"a\":nan}",
        "\"a\"",
        "{\"a\":{\"b\":1}",
        "{\"a\":-}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t next = 0;
        struct points ps = parse(bad[i], &next);
        if (ps.n != 0 || ps.bad != 1 || next != 0)
            FAIL("%s: %zu points, %zu bad", bad[i], ps.n, ps.bad);
    }
    int64_t next = 0;
    struct points ps = parse("\n\n \n\r\n\t\n", &next);
    ASSERT_EQ(ps.n, 0);
    ASSERT_EQ(ps.bad, 0);
}

TEST(point_depth_line_length_and_names_are_bounded)
{
    struct buf text;
    int64_t next = 0;
    buf_init(&text, SIZE_MAX);
    for (int i = 0; i < 100000; i++)
        buf_adds(&text, "{\"a\":");
    ASSERT_EQ(parse(buf_str(&text), &next).bad, 1);
    buf_clear(&text);
    for (int i = 0; i < 200; i++)
        buf_adds(&text, "{\"a\":");
    ASSERT_EQ(parse(buf_str(&text), &next).bad, 1);
    buf_clear(&text);
    buf_addf(&text, "{\"a\":1,\"s\":\"%0*d\"}\n{\"a\":1}", LIMIT_METRIC_LINE_BYTES, 0);
    struct points ps = parse(buf_str(&text), &next);
    ASSERT_EQ(ps.n, 1);
    ASSERT_EQ(ps.bad, 1);
    buf_clear(&text);
    for (int line = 0; line < 20; line++)
        for (int i = 0; i < 1000; i++)
            buf_addf(&text, "%s\"k%d\":1%s", i ? "," : "{", line * 1000 + i, i == 999 ? "}\n" : "");
    next = 0;
    ps = parse(buf_str(&text), &next);
    ASSERT_EQ(ps.n, 10);
    ASSERT_EQ(ps.bad, 0);
    ASSERT_EQ(ps.dropped, 10000);
    ASSERT_EQ(next, 20);
    buf_done(&text);
}

/* Past the limit a line keeps what is known and the sweep's own metric, which has a place kept. */
TEST(point_names_past_the_limit_are_dropped_alone)
{
    struct buf text;
    struct map known;
    int64_t next = 0;
    struct points ps;
    map_init(&known);
    buf_init(&text, SIZE_MAX);
    for (int i = 0; i < LIMIT_METRIC_KEYS - 2; i++) {
        char name[20];
        int n = snprintf(name, sizeof name, "k%d", i);
        map_put(&known, name, (size_t)n, &known);
    }
    const struct point_names names = {&known, "loss"};
    /* The line that ends too early takes no place. */
    buf_adds(&text, "{\"x\":1,\"y\":2\n{\"a\":1,\"b\":2,\"k7\":3,\"loss\":4}\n{\"c\":1}\n");
    ASSERT_EQ(points_parse(&arena, buf_str(&text), text.len, 0, &names, &next, &ps), text.len);
    ASSERT_EQ(ps.n, 1);
    ASSERT_EQ(ps.bad, 1);
    ASSERT_EQ(ps.dropped, 2);
    ASSERT_EQ(ps.items[0].n, 3);
    ASSERT(find(&ps.items[0], "a") == 1 && find(&ps.items[0], "k7") == 3);
    ASSERT(find(&ps.items[0], "loss") == 4);
    ASSERT_EQ(next, 2);
    map_done(&known);
    buf_done(&text);
}

TEST(point_name_length_is_bounded)
{
    struct buf text;
    int64_t next = 0;
    buf_init(&text, SIZE_MAX);
    buf_addf(&text, "{\"%0*d\":1}\n{\"%0*d\":1}\n", LIMIT_METRIC_NAME_BYTES, 0,
             LIMIT_METRIC_NAME_BYTES + 1, 0);
    buf_addf(&text, "{\"%0*d\":{\"a\":1}}\n{\"%0*d\":{\"a\":1}}\n", LIMIT_METRIC_NAME_BYTES - 2, 0,
             LIMIT_METRIC_NAME_BYTES - 1, 0);
    struct points ps = parse(buf_str(&text), &next);
    ASSERT_EQ(ps.n, 2);
    ASSERT_EQ(ps.bad, 2);
    buf_done(&text);
}

/* Lines that flatten to long names are taken piece by piece: each is one chunk at most. */
TEST(point_text_is_read_in_pieces)
{
    struct buf text;
    int64_t next = 0;
    size_t at = 0, pieces = 0, points = 0, values = 0;
    buf_init(&text, SIZE_MAX);
    for (int line = 0; line < 4; line++) {
        buf_addf(&text, "{\"%0*d\":", LIMIT_METRIC_NAME_BYTES - 5, line);
        for (int i = 0; i < 6000; i++)
            buf_addf(&text, "%s\"%x\":1", i ? "," : "{", i);
        buf_adds(&text, "}}\n");
    }
    while (at < text.len) {
        struct points ps;
        at += points_parse(&arena, buf_str(&text) + at, text.len - at, 0, NULL, &next, &ps);
        ASSERT_EQ(ps.bad, 0);
        points += ps.n;
        for (size_t i = 0; i < ps.n; i++)
            values += ps.items[i].n;
        pieces++;
    }
    ASSERT(pieces > 1);
    ASSERT_EQ(points, 4);
    ASSERT_EQ(values, 24000);
    ASSERT_EQ(next, 4);
    buf_done(&text);
}

TEST(point_numbers_are_read_exactly)
{
    struct rng rng;
    rng_init(&rng, 1, 0, RNG_TEST);
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = rng_u64(&rng);
        double want;
        memcpy(&want, &bits, sizeof want);
        if (i % 2)
            want = rng_unit(&rng) * 1000;
        if (!isfinite(want))
            continue;
        char text[100];
        int digits = 1 + (int)rng_below(&rng, 20);
        static const char *const forms[] = {"{\"a\":%.*e}", "{\"a\":%.*E}", "{\"a\":%.*g}"};
        snprintf(text, sizeof text, forms[rng_below(&rng, i % 2 ? 3 : 2)], digits, want);
        want = strtod(text + 5, NULL);
        int64_t next = 0;
        struct points ps = parse(text, &next);
        if (!isfinite(want))
            continue;
        if (ps.n != 1 || memcmp(&ps.items[0].values[0], &want, sizeof want) != 0)
            FAIL("%s is not read as %.17g", text, want);
        if (i % 1000 == 0)
            arena_clear(&arena);
    }
}

/* Decimals at and beside the middle between two doubles, where rounding twice would show. */
TEST(point_numbers_between_two_doubles_are_read_exactly)
{
    struct rng rng;
    rng_init(&rng, 2, 0, RNG_TEST);
    for (int i = 0; i < 50000; i++) {
        double low = i % 2 ? rng_unit(&rng) * 1000 : 9e15 + (double)rng_below(&rng, 1u << 31);
        long double middle = ((long double)low + (long double)nextafter(low, INFINITY)) / 2;
        char text[100];
        int64_t next = 0;
        snprintf(text, sizeof text, "{\"a\":%.*Lg}", 16 + i % 4, middle);
        double want = strtod(text + 5, NULL);
        struct points ps = parse(text, &next);
        if (ps.n != 1 || memcmp(&ps.items[0].values[0], &want, sizeof want) != 0)
            FAIL("%s is not read as %.17g", text, want);
        if (i % 1000 == 0)
            arena_clear(&arena);
    }
}

/* Lines with random sets of names: the shared key arrays and the guess from the line before must
 * not be seen from outside. */
TEST(point_names_differ_from_line_to_line)
{
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct rng rng;
        struct buf text;
        double want[100][30];
        int has[100][30];
        rng_init(&rng, seed, 0, RNG_TEST);
        buf_init(&text, SIZE_MAX);
        memset(has, 0, sizeof has);
        for (int line = 0; line < 100; line++) {
            buf_addf(&text, "{\"step\":%d", line);
            for (uint64_t n = 1 + rng_below(&rng, 1 + seed); n > 0; n--) {
                size_t key = rng_below(&rng, 1 + seed % 30);
                want[line][key] = (double)rng_below(&rng, 1000);
                has[line][key] = 1;
                buf_addf(&text, ", \"k%zu\" : %g", key, want[line][key]);
            }
            buf_adds(&text, "}\n");
        }
        int64_t next = 0;
        struct points ps = parse(buf_str(&text), &next);
        ASSERT_EQ(ps.n, 100);
        for (size_t line = 0; line < 100; line++) {
            size_t n = 0;
            for (size_t key = 0; key < 30; key++) {
                char name[10];
                double f;
                snprintf(name, sizeof name, "k%zu", key);
                ASSERT_EQ(point_find(&ps.items[line], name, &f), has[line][key]);
                ASSERT(!has[line][key] || f == want[line][key]);
                n += has[line][key] != 0;
            }
            ASSERT_EQ(ps.items[line].n, n);
        }
        buf_done(&text);
        arena_clear(&arena);
    }
}

TEST(point_value_has_the_shape_that_metrics_prints)
{
    int64_t next = 0;
    struct points ps = parse("{\"step\":3,\"_time\":12.5,\"loss\":0.5}", &next);
    struct value *v = point_value(&arena, &ps.items[0], 2);
    ASSERT_EQ(value_get_int(v, "step", -1), 3);
    ASSERT_EQ(value_get_int(v, "attempt", -1), 2);
    ASSERT(value_get_float(v, "time", 0) == 12.5);
    ASSERT(value_get_float(value_get(v, "metrics"), "loss", 0) == 0.5);
}
