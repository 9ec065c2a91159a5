/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag.h"
#include "tests/test.h"

TEST(diag_prints_place_path_and_fix)
{
    struct arena a;
    struct diags d;
    struct buf out;
    char path[] = "parameters.lr.min";
    arena_init(&a);
    buf_init(&out, 10000);
    diags_init(&d, &a, "sweep.yaml");
    diags_add(&d, DIAG_ERROR, 7, 10, path, "min: 0.1", "%s is %d", "min", 3);
    path[0] = 'X';
    diags_add(&d, DIAG_WARNING, 0, 0, "", NULL, "nothing to do");
    diags_add(&d, DIAG_NOTE, 3, 0, NULL, NULL, "a note");
    ASSERT_EQ(d.errors, 1);
    diags_print(&out, &d, DIAG_NOTE);
    ASSERT_STR(out.data, "sweep.yaml:7:10: error: parameters.lr.min: min is 3\n"
                         "    write: min: 0.1\n"
                         "sweep.yaml: warning: nothing to do\n"
                         "sweep.yaml:3: note: a note\n");
    buf_clear(&out);
    diags_print(&out, &d, DIAG_ERROR);
    ASSERT(strstr(out.data, "error") && !strstr(out.data, "warning"));
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
