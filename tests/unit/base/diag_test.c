/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag/diag_print.h"
#include "tests/test.h"

TEST(diag_prints_place_path_and_fix)
{
    struct arena a;
    struct diags d;
    struct buf out;
    char path[] = "parameters.lr.min";
    arena_init(&a);
    buf_init(&out, SIZE_MAX);
    diags_init(&d, &a, "sweep.yaml");
    diags_add(&d, DIAG_ERROR, 7, 10, path, "min: 0.1", "%s is %d", "min", 3);
    path[0] = 'X';
    diags_add(&d, DIAG_WARNING, 0, 0, "", NULL, "nothing to do");
    diags_add(&d, DIAG_NOTE, 3, 0, NULL, NULL, "a note");
    ASSERT_EQ(d.errors, 1);
    diag_print(&out, &d, DIAG_NOTE, &(struct diag_style){0});
    ASSERT_STR(buf_str(&out), "sweep.yaml:7:10: error: parameters.lr.min: min is 3\n"
                              "     write: min: 0.1\n"
                              "sweep.yaml: warning: nothing to do\n"
                              "sweep.yaml:3: note: a note\n");
    buf_clear(&out);
    diag_print(&out, &d, DIAG_ERROR, &(struct diag_style){0});
    ASSERT(strstr(buf_str(&out), "error") && !strstr(buf_str(&out), "warning"));
    buf_done(&out);
    arena_done(&a);
}

TEST(diag_stops_at_a_hundred_and_says_so)
{
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a, NULL);
    for (int i = 0; i < 100; i++)
        diags_add(&d, DIAG_WARNING, i, 1, "p", NULL, "number %d", i);
    ASSERT_EQ(d.n, 100);
    diags_add(&d, DIAG_WARNING, 0, 0, "p", NULL, "one more");
    ASSERT_EQ(d.n, 101);
    ASSERT_EQ(d.items[100].severity, DIAG_WARNING);
    for (int i = 0; i < 20; i++)
        diags_add(&d, DIAG_ERROR, 0, 0, "p", NULL, "an error");
    ASSERT_EQ(d.n, 101);
    ASSERT_EQ(d.errors, 20);
    ASSERT_EQ(d.items[100].severity, DIAG_ERROR);
    ASSERT(strstr(d.items[100].message, "too many") != NULL);
    ASSERT_STR(d.items[99].message, "number 99");
    arena_done(&a);
}

static void print(struct buf *out, const struct diags *d, const char *text, bool colour)
{
    buf_init(out, SIZE_MAX);
    diag_print(out, d, DIAG_NOTE, &(struct diag_style){text, strlen(text), 60, colour});
}

TEST(diag_shows_the_line_and_the_line_as_it_should_be)
{
    struct arena a;
    struct diags d;
    struct buf out;
    arena_init(&a);
    diags_init(&d, &a, "s.yaml");
    struct diag *said = diags_add(&d, DIAG_WARNING, 2, 9, "metric.goal", "goal: maximize", "no");
    diags_end_at(said, 2, 16);
    diags_edit(&d, said, (struct diag_span){2, 9, 2, 16}, "maximize");
    diags_end_at(diags_add(&d, DIAG_ERROR, 3, 1, "x", "y", "unknown"), 5, 1);
    diags_add(&d, DIAG_ERROR, 99, 1, "", "z", "the end");
    print(&out, &d, "a: 1\r\n  goal: maximum  # best\r\nx: {a: 1,  \n b: 2}", false);
    ASSERT_STR(buf_str(&out), "s.yaml:2:9: warning: metric.goal: no\n"
                              "   2 |   goal: maximum  # best\n"
                              "     |         ^^^^^^^\n"
                              "   2 +   goal: maximize  # best\n"
                              "s.yaml:3:1: error: x: unknown\n"
                              "   3 | x: {a: 1,  \n"
                              "     | ^^^^^^^^^\n"
                              "     write: y\n"
                              "s.yaml:99:1: error: the end\n"
                              "     write: z\n");
    buf_done(&out);
    arena_done(&a);
}

TEST(diag_colours_only_when_asked)
{
    struct arena a;
    struct diags d;
    struct buf out;
    arena_init(&a);
    diags_init(&d, &a, "s.yaml");
    diags_end_at(diags_add(&d, DIAG_ERROR, 1, 1, "\x1b[1mkey", NULL, "bad \x07 text"), 1, 1);
    print(&out, &d, "key", true);
    ASSERT(strstr(buf_str(&out), "\x1b[1;31merror:\x1b[0m") &&
           strstr(buf_str(&out), "\x1b[1;31m^\x1b[0m"));
    buf_done(&out);
    print(&out, &d, "key", false);
    ASSERT_STR(buf_str(&out), "s.yaml:1:1: error: key: bad ^G text\n   1 | key\n     | ^\n");
    buf_done(&out);
    arena_done(&a);
}
