/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"
#include "base/number/python.h"
#include "tests/test.h"
#include "tests/unit/base/gen.h"

#include <sys/wait.h>
#include <unistd.h>

static struct arena a;

static const char *repr(const struct value *v)
{
    static struct buf b;
    if (b.max == 0)
        buf_init(&b, SIZE_MAX);
    buf_clear(&b);
    python_repr(&b, v);
    return buf_str(&b);
}

TEST(python_repr_of_each_kind)
{
    ASSERT_STR(repr(value_null(&a)), "None");
    ASSERT_STR(repr(value_bool(&a, true)), "True");
    ASSERT_STR(repr(value_int(&a, -3)), "-3");
    ASSERT_STR(repr(value_float(&a, 1e-5)), "1e-05");
    ASSERT_STR(repr(value_float(&a, 3)), "3.0");
    ASSERT_STR(repr(value_float(&a, -INFINITY)), "-inf");
    ASSERT_STR(repr(value_float(&a, NAN)), "nan");
    ASSERT_STR(repr(value_str(&a, "it's")), "\"it's\"");
    ASSERT_STR(repr(value_str(&a, "it's \"so\"")), "'it\\'s \"so\"'");
    ASSERT_STR(repr(value_str(&a, "a\tb\n\\ \x7f \u00e9 \u00a0 \u200b \U000E0001")),
               "'a\\tb\\n\\\\ \\x7f \u00e9 \\xa0 \\u200b \\U000e0001'");
    ASSERT_STR(repr(value_str(&a, "\xff.")), "'\\udcff.'");
    struct value *d = value_dict(&a), *l = value_list(&a);
    value_push(&a, l, value_int(&a, 1));
    value_push(&a, l, value_float(&a, 2));
    value_put(&a, d, "a", l);
    value_put(&a, d, "b", value_dict(&a));
    ASSERT_STR(repr(d), "{'a': [1, 2.0], 'b': {}}");
    arena_done(&a);
}

TEST(python_str_is_bare_at_the_top_alone)
{
    struct buf b;
    buf_init(&b, SIZE_MAX);
    python_str(&b, value_str(&a, "it's"));
    struct value *l = value_list(&a);
    value_push(&a, l, value_str(&a, "x"));
    python_str(&b, l);
    ASSERT_STR(buf_str(&b), "it's['x']");
    buf_done(&b);
    arena_done(&a);
}

static void print_three(FILE *f, const struct value *v)
{
    struct buf b;
    buf_init(&b, SIZE_MAX);
    json_print(&b, v, JSON_PYTHON);
    fprintf(f, "%s\n", buf_str(&b));
    buf_clear(&b);
    python_repr(&b, v);
    fprintf(f, "%s\n", buf_str(&b));
    buf_clear(&b);
    python_str(&b, v);
    fprintf(f, "%s\n", json_text(&a, value_strn(&a, buf_str(&b), b.len), JSON_COMPACT));
    buf_done(&b);
}

TEST(python_itself_agrees)
{
    if (system("python3 -c pass >/dev/null 2>&1") != 0)
        test_skip("there is no python3 to compare with");
    char path[] = "/tmp/besom-repr-XXXXXX", command[1024];
    int fd = mkstemp(path);
    ASSERT(fd >= 0);
    FILE *f = fdopen(fd, "w");
    ASSERT(f != NULL);
    struct rng r;
    rng_init(&r, 5, 0, RNG_TEST);
    enum { TREES = 3000, FLOATS = 6000 };
    for (int i = 0; i < TREES; i++, arena_clear(&a))
        print_three(f, gen_value(&r, &a, 2));
    for (int e = -1074; e < 1024; e++, arena_clear(&a))
        print_three(f, value_float(&a, ldexp(1, e)));
    for (int i = 0; i < FLOATS; i++, arena_clear(&a))
        print_three(f, value_float(&a, gen_float(&r)));
    ASSERT(fclose(f) == 0);
    snprintf(command, sizeof command, "python3 %s/tests/unit/base/repr_check.py %s %d",
             TEST_SOURCE_DIR, path, FLOATS + 1000);
    int status = system(command);
    unlink(path);
    ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    arena_done(&a);
}
