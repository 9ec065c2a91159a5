/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/spec_read.h"
#include "base/json.h"
#include "base/number/rng.h"
#include "language/duration.h"
#include "language/memory_size.h"
#include "language/moment.h"
#include "tests/test.h"
#include "tests/unit/language/spec_dump.h"

static struct arena arena;
static struct diags diags;

static struct spec *read_text(const char *text)
{
    arena_init(&arena);
    diags_init(&diags, &arena, "sweep.yaml");
    return spec_read(text, strlen(text), &diags);
}

TEST(defaults)
{
    struct spec *s = read_text("{method: random, program: p.py, parameters: {a: {value: 1}}}");
    ASSERT(s);
    ASSERT(s->resources.cpus == 0 && s->resources.gpus == -1);
    ASSERT_EQ(s->retry.failed, 0);
    ASSERT_EQ(s->retry.host, 3);
    ASSERT_EQ(s->unique, SPEC_UNIQUE_DEFAULT);
    ASSERT(!s->metric.name && !s->has_seed && !s->order_random && !s->env && !s->workdir);
    ASSERT_EQ(s->run_cap + s->max_parallel, 0);
    ASSERT_STR(json_text(&arena, s->command, JSON_COMPACT),
               "[\"${env}\",\"${interpreter}\",\"${program}\",\"${args}\"]");
    spec_free(s);
    arena_done(&arena);
}

static const char *content_of(const char *text)
{
    struct diags d;
    diags_init(&d, &arena, NULL);
    struct spec *s = spec_read(text, strlen(text), &d);
    ASSERT(s);
    const char *content = spec_content_text(&arena, s);
    spec_free(s);
    return content;
}

TEST(content_does_not_depend_on_order_or_comments)
{
    arena_init(&arena);
    const char *a = content_of("{method: grid, program: p, parameters: {b: {values: [1, 2.0]}, a: "
                               "{value: {y: 1, x: 2}}}}");
    const char *b = content_of("# the same\nparameters:\n  a: {value: {x: 2, y: 1}}\n  b:\n    "
                               "values:\n    - 1\n    - 2.0\nprogram: p\nmethod: grid\n");
    /* 2 and 2.0 reach the script as different text, so they are different specs. */
    const char *c = content_of("{method: grid, program: p, parameters: {b: {values: [1, 2]}, a: "
                               "{value: {y: 1, x: 2}}}}");
    ASSERT_STR(a, b);
    ASSERT(strcmp(a, c) != 0);
    arena_done(&arena);
}

TEST(diagnostics_come_in_the_order_of_lines_and_one_for_a_cause)
{
    ASSERT(!read_text("parameters:\n  a: {min: 3, max: 1}\n  b: {valuess: 1}\nmethod: best\n"
                      "seed: x\n"));
    ASSERT_EQ(diags.errors, 4);
    int line = 0;
    for (size_t i = 0; i < diags.n; i++) {
        ASSERT(diags.items[i].line >= line);
        line = diags.items[i].line;
    }
    arena_done(&arena);
}

TEST(a_spec_of_many_parameters_is_refused)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "method: random\nprogram: p\nparameters:\n");
    for (int i = 0; i < 4097; i++)
        buf_addf(&text, "  p%d: {value: %d}\n", i, i);
    ASSERT(!read_text(buf_str(&text)));
    ASSERT_EQ(diags.errors, 1);
    ASSERT(strstr(diags.items[0].message, "4096"));
    buf_done(&text);
    arena_done(&arena);
}

static const char *pick(struct rng *r, const char *const *from, size_t n)
{
    return from[rng_below(r, n)];
}
#define PICK(r, list) pick(r, list, sizeof(list) / sizeof *(list))

static void add_random_value(struct buf *out, struct rng *r, int depth)
{
    static const char *const scalars[] = {
        "1",
        "1.0",
        "-0.0",
        "1e-5",
        "1e300",
        ".inf",
        "-.inf",
        ".nan",
        "true",
        "no",
        "null",
        "None",
        "'1e-5'",
        "\"\"",
        "'NaN'",
        "Infinity",
        "é",
        "'it''s'",
        "\"\\t\"",
        "0.1",
        "1e16",
        "123456789012345678",
        "-9223372036854775808",
        "\"\\U0001F600\"",
    };
    static const char *const keys[] = {"a", "b", "c c", "'1'"};
    uint64_t what = depth > 3 ? 0 : rng_below(r, 6);
    if (what < 4) {
        buf_adds(out, PICK(r, scalars));
        return;
    }
    buf_addc(out, what == 4 ? '[' : '{');
    for (uint64_t i = rng_below(r, 4); i > 0; i--) {
        if (what == 5)
            buf_addf(out, "%s: ", PICK(r, keys));
        add_random_value(out, r, depth + 1);
        buf_adds(out, i > 1 ? ", " : "");
    }
    buf_addc(out, what == 4 ? ']' : '}');
}

static void add_random_parameter(struct buf *out, struct rng *r, int depth)
{
    static const char *const ranges[] = {
        "min: 1, max: 5",
        "min: 0.5, max: 5",
        "min: '1e-3', max: 1.5",
        "distribution: q_uniform, min: 0, max: 10, q: 2",
        "distribution: q_uniform, min: 0, max: 10, q: 2.0",
        "distribution: log_uniform_values, min: 1e-5, max: 1",
        "distribution: log_uniform, min: -3, max: 1",
        "distribution: normal, mu: 1",
        "distribution: q_beta, q: 1",
        "values: [a, b], probabilities: [0.1, 0.9]",
    };
    uint64_t what = rng_below(r, depth < 3 ? 4 : 3);
    if (what == 0) {
        buf_addf(out, "{%s}", PICK(r, ranges));
    } else if (what == 1) {
        buf_adds(out, "{value: ");
        add_random_value(out, r, 0);
        buf_adds(out, "}");
    } else if (what == 2) {
        buf_adds(out, "{values: [x");
        for (uint64_t i = rng_below(r, 5); i > 0; i--) {
            buf_adds(out, ", ");
            add_random_value(out, r, 0);
        }
        buf_adds(out, "]}");
    } else {
        buf_adds(out, "{parameters: {p: ");
        add_random_parameter(out, r, depth + 1);
        buf_adds(out, ", q: ");
        add_random_parameter(out, r, depth + 1);
        buf_adds(out, "}}");
    }
}

TEST(content_reads_back_as_the_same_spec)
{
    static const char *const extras[] = {
        "",
        ", seed: 5, unique: true, max_parallel: 2",
        ", metric: {name: loss, goal: maximize, target: 1, reduce: last}",
        ", env: {A: 1, B: 0.10, C: '1e-5'}, workdir: ../x",
        ", command: [a, 1e-5, null, '${args}', 1.0, 1]",
        ", resources: {cpus: 2, time: 1h}, retry: {failed: 1}",
        ", run_cap: '5', name: 3, report: {stdout: json}",
    };
    struct buf text;
    buf_init(&text, SIZE_MAX);
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct rng r;
        rng_init(&r, seed, 0, RNG_TEST);
        buf_clear(&text);
        buf_addf(&text, "{method: random, program: p%s, parameters: {a: ", PICK(&r, extras));
        add_random_parameter(&text, &r, 0);
        buf_adds(&text, ", b-b: ");
        add_random_parameter(&text, &r, 0);
        buf_adds(&text, "}}");
        struct spec *s = read_text(buf_str(&text));
        if (!s)
            FAIL("seed %" PRIu64 ": %s: %s", seed, buf_str(&text), diags.items[0].message);
        spec_dump_check_content(s);
        spec_free(s);
        arena_done(&arena);
    }
    buf_done(&text);
}

TEST(durations)
{
    static const struct {
        const char *text;
        double s;
    } good[] = {{"90", 90},    {"0.5", 0.5},    {"45s", 45},         {"30m", 1800}, {"2h", 7200},
                {"1d", 86400}, {"1h30m", 5400}, {"1d2h3m4s", 93784}, {"1.5h", 5400}};
    static const char *const bad[] = {"",    "0",  "-1",  "m",    "3x",  "1m1h",       "1h1h",
                                      "1 h", "h1", "1e5", "1h30", ".5h", "99999999999"};
    double s = -1;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ASSERT(duration_parse(good[i].text, &s));
        ASSERT_NEAR(s, good[i].s, 1e-12);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (duration_parse(bad[i], &s))
            FAIL("%s was read as %g", bad[i], s);
}

TEST(amounts_of_memory)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {{"1KiB", 1024},         {"512MiB", 512ull << 20}, {"8GiB", 8ull << 30},
                {"1.5TiB", 3ull << 39}, {"8GB", 8000000000},      {"2 KB", 2000},
                {"0.001MB", 1000},      {"3TB", 3000000000000}};
    static const char *const bad[] = {"",     "8",     "8G",    "8gb",    "GiB",        "-1GiB",
                                      "0GiB", "1e3MB", "8GiB ", "8 GiBs", "9999999TiB", ".5GiB"};
    uint64_t bytes = 0;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ASSERT(memory_size_parse(good[i].text, &bytes));
        ASSERT_EQ(bytes, good[i].bytes);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (memory_size_parse(bad[i], &bytes))
            FAIL("%s was read as %" PRIu64, bad[i], bytes);
}

TEST(moments)
{
    static const char *const good[] = {"18:00",
                                       "00:00:00",
                                       "23:59:59",
                                       "2026-01-31 18:00",
                                       "2026-01-31T18:00:01",
                                       "2024-02-29T00:00Z",
                                       "2000-02-29T00:00:00+01:00",
                                       "2026-12-31 23:59-11:30"};
    static const char *const bad[] = {"",
                                      "18",
                                      "24:00",
                                      "18:60",
                                      "18:00:60",
                                      "8:00",
                                      "18:00Z",
                                      "2026-01-31",
                                      "2026-02-29 18:00",
                                      "2026-13-01 18:00",
                                      "26-01-31 18:00",
                                      "2026-01-31  18:00",
                                      "2026-01-31 18:00 Z",
                                      "2026-01-31T18:00+1",
                                      "tomorrow",
                                      "1999-01-01 18:00",
                                      "2100-02-29 18:00"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!moment_valid(good[i]))
            FAIL("%s is not taken", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (moment_valid(bad[i]))
            FAIL("%s is taken", bad[i]);
}

TEST(moments_with_a_zone_have_a_time)
{
    static const struct {
        const char *text;
        int64_t s;
    } cases[] = {{"1970-01-01T00:00Z", -1},
                 {"2000-01-01T00:00Z", 946684800},
                 {"2000-02-29 23:59:59Z", 951868799},
                 {"2000-03-01 00:00Z", 951868800},
                 {"2026-01-31T18:00+01:00", 1769878800},
                 {"2026-12-31T23:59-11:30", 1798802940},
                 {"2100-03-01T00:00Z", 4107542400}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct moment m;
        ASSERT_EQ(moment_parse(cases[i].text, &m), cases[i].s >= 0); /* from 2000 on */
        if (cases[i].s >= 0)
            ASSERT_EQ(moment_ms(&m), cases[i].s * 1000);
    }
}

static struct spec *with_stopper(int64_t max_iter, int64_t s, int64_t min_iter, double eta)
{
    char text[256], bands[64];
    if (s >= 0)
        snprintf(bands, sizeof bands, "max_iter: %" PRId64 ", s: %" PRId64, max_iter, s);
    else
        snprintf(bands, sizeof bands, "min_iter: %" PRId64, min_iter);
    snprintf(text, sizeof text,
             "{program: p, method: grid, metric: {name: m}, parameters: {a: {value: 1}}, "
             "early_terminate: {type: hyperband, %s, eta: %.17g}}",
             bands, eta);
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a, "t");
    struct spec *spec = spec_read(text, strlen(text), &d);
    arena_done(&a);
    return spec;
}

/* W&B divides and truncates as it goes, which is not the power of eta. */
TEST(bands_are_those_of_wandb)
{
    struct rng r;
    rng_init(&r, 1, 0, RNG_TEST);
    for (int i = 0; i < 500; i++) {
        int64_t n = (int64_t)rng_below(&r, 1000) + 1, s = (int64_t)rng_below(&r, 8);
        double eta = 1.1 + 4 * rng_unit(&r), band = (double)n;
        bool down = rng_below(&r, 2);
        int64_t want[100];
        size_t count = 0;
        for (int64_t k = 0; down && k < s && (band /= eta) >= 1; k++)
            want[count++] = (int64_t)band;
        for (; !down && count < 100 && band < 1e15; band *= eta)
            want[count++] = (int64_t)band;
        struct spec *spec = with_stopper(n, down ? s : -1, n, eta);
        ASSERT_EQ(spec != NULL, count > 0);
        if (spec)
            ASSERT_EQ(spec->early_terminate.bands_n, count);
        for (size_t k = 0; k < count; k++)
            ASSERT_EQ(spec->early_terminate.bands[k], want[down ? count - 1 - k : k]);
        spec_free(spec);
    }
}

/* A stricter later version must not refuse the sweeps of an earlier one. */
TEST(spec_of_a_store_is_read_with_older_rules)
{
    static const struct {
        const char *content;
        bool stored; /* its sweep can run */
    } specs[] = {
        {"{\"method\":\"grid\",\"program\":\"t\",\"parameters\":{\"a\":{\"value\":1}}}", true},
        {"{\"method\":\"grid\",\"program\":\"t\",\"parameters\":{\"a\":{\"value\":1,\"since\":2}}}",
         true},
        {"{\"env\":{\"BESOM_X\":\"1\"},\"method\":\"grid\",\"program\":\"t\",\"parameters\":{\"a\":"
         "{\"value\":1}}}",
         true},
        {"{\"method\":\"gird\",\"program\":\"t\",\"parameters\":{\"a\":{\"value\":1}}}", false},
        {"null", false},
        {"{}", false},
    };
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct arena a;
        struct value *content;
        const char *fault;
        arena_init(&a);
        ASSERT_EQ(json_parse(&a, specs[i].content, strlen(specs[i].content), &content, NULL), 0);
        struct spec *s = spec_read_stored(content, &a, &fault);
        ASSERT(s);
        if (specs[i].stored != !fault)
            FAIL("%s: %s", specs[i].content, fault ? fault : "no fault");
        spec_free(s);
        arena_done(&a);
    }
}
