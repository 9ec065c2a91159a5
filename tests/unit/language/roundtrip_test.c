/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spec text to its canonical print and back is the identity: the same spec, the same print. */
#include <dirent.h>
#include <limits.h>
#include "base/json.h"
#include "base/number/rng.h"
#include "base/yaml/yaml.h"
#include "tests/spec_maker.h"
#include "tests/test.h"
#include "tests/unit/language/spec_dump.h"
#include "language/spec_read.h"

enum { FILE_BYTES_MAX = 2 << 20, SPECS = 2000, CHOICES = 600 };

static struct arena arena;
static struct diags diags;

static struct spec *read_text(const char *text, size_t len)
{
    arena_init(&arena);
    diags_init(&diags, &arena, "s.yaml");
    return spec_read(text, len, &diags);
}

/* Whether it was a spec at all. */
static bool goes_round(const char *text, size_t len)
{
    struct spec *s = read_text(text, len);
    if (s)
        spec_dump_check_content(s);
    spec_free(s);
    arena_done(&arena);
    return s != NULL;
}

static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), k = strlen(end);
    return n > k && strcmp(name + n - k, end) == 0;
}

static int folder_goes_round(const char *folder, int *ret_files)
{
    struct dirent *e;
    int good = 0;
    DIR *dir = opendir(folder);
    if (!dir)
        return -1;
    char *text = malloc(FILE_BYTES_MAX);
    ASSERT(text);
    while ((e = readdir(dir))) {
        char path[PATH_MAX];
        if (!ends_in(e->d_name, ".yaml") && !ends_in(e->d_name, ".yml"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        FILE *f = fopen(path, "rb");
        ASSERT(f);
        size_t len = fread(text, 1, FILE_BYTES_MAX, f);
        fclose(f);
        good += goes_round(text, len);
        ++*ret_files;
    }
    closedir(dir);
    free(text);
    printf("%s: %d files, %d of them specs\n", folder, *ret_files, good);
    return good;
}

TEST(specs_of_the_tests_go_round)
{
    int files = 0;
    ASSERT(folder_goes_round(TEST_SOURCE_DIR "/tests/data/spec", &files) > 20);
}

TEST(configs_go_round)
{
    int files = 0, good = folder_goes_round(TEST_SOURCE_DIR "/configs", &files);
    ASSERT(good > 10 && good == files);
}

TEST(specs_of_other_people_go_round)
{
    char folder[PATH_MAX];
    const char *shared = getenv("BESOM_SHARED");
    int files = 0;
    snprintf(folder, sizeof folder, "%s/corpus", shared ? shared : TEST_SOURCE_DIR "/../shared");
    int good = folder_goes_round(folder, &files);
    if (good < 0)
        test_skip("there is no corpus of other people's sweep files (BESOM_SHARED)");
    ASSERT(good > 50);
}

TEST(generated_specs_go_round)
{
    struct buf text;
    size_t good = 0;
    buf_init(&text, SIZE_MAX);
    for (uint64_t seed = 0; seed < SPECS; seed++) {
        unsigned char bytes[CHOICES];
        struct rng r;
        rng_init(&r, seed, 0, RNG_TEST);
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (unsigned char)rng_u32(&r);
        buf_clear(&text);
        spec_maker_make(&text, bytes, sizeof bytes);
        good += goes_round(buf_str(&text), text.len);
    }
    buf_done(&text);
    printf("%zu of %d are specs\n", good, SPECS);
    ASSERT(good > SPECS / 20);
}

/* What YAML can hold and JSON cannot, or holds otherwise. */
TEST(what_json_lacks_goes_round)
{
    static const struct {
        const char *yaml, *content;
    } cases[] = {
        {".nan", "NaN"},
        {"[.inf, -.inf]", "[Infinity, -Infinity]"},
        {"'NaN'", "\"NaN\""},
        {"'Infinity'", "\"Infinity\""},
        {"{1: a, ~: b, 2.5: c, .nan: d, off: e}",
         "{\"1\": \"a\", \"2.5\": \"c\", \"NaN\": \"d\", \"false\": \"e\", \"null\": \"b\"}"},
        {"-0.0", "-0.0"},
        {"-0", "0"},
        {"1.0", "1.0"},
        {"1e400", "Infinity"},
        {"1e-400", "0.0"},
        {"9223372036854775807", "9223372036854775807"},
        {"\"\\0x7f \\e \\U0001F600 \\uFFFE\"", NULL},
        {"\"\\e\\x7f\\U0001F600\"", "\"\\u001b\\u007f\\ud83d\\ude00\""},
        {"9223372036854775808", NULL},
        {"2001-01-01", NULL},
        {"!!binary aGVsbG8=", NULL},
        {"!!set {a, b}", NULL},
        {"\"\\ud800\"", NULL},
    };
    char text[256], want[300];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "method: random\nprogram: t\nparameters:\n  a: {value: %s}\n",
                 cases[i].yaml);
        struct spec *s = read_text(text, strlen(text));
        if (!s != !cases[i].content)
            FAIL("%s: %s", cases[i].yaml, s ? "was taken" : diags.items[0].message);
        if (s) {
            snprintf(want, sizeof want, "{\"a\": {\"value\": %s}}", cases[i].content);
            ASSERT_STR(json_text(&arena, value_get(s->content, "parameters"), JSON_PYTHON), want);
            spec_dump_check_content(s);
        }
        spec_free(s);
        arena_done(&arena);
    }
}

/* As deep as YAML may be: what is read must not be too deep to be kept. */
TEST(the_deepest_goes_round)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    size_t deepest = 0;
    for (size_t depth = 50; depth < 70; depth++) {
        buf_clear(&text);
        buf_adds(&text, "method: random\nprogram: t\nparameters: {a: {value: ");
        for (size_t i = 0; i < depth; i++)
            buf_addc(&text, '[');
        for (size_t i = 0; i < depth; i++)
            buf_addc(&text, ']');
        buf_adds(&text, "}}\n");
        if (goes_round(buf_str(&text), text.len))
            deepest = depth;
    }
    ASSERT_EQ(deepest, 61);
    buf_done(&text);
}
