/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag/fix.h"
#include "tests/test.h"

static struct arena arena;
static struct diags diags;

static void begin(void)
{
    arena_init(&arena);
    diags_init(&diags, &arena, NULL);
}

static struct diag *add(void)
{
    return diags_add(&diags, DIAG_NOTE, 1, 1, "", NULL, "x");
}

static void edit(struct diag *d, int line, int from, int to, const char *text)
{
    diags_edit(&diags, d, (struct diag_span){line, from, line, to}, text);
}

static void expect(const char *text, const char *want, size_t mended)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    size_t n = fix_apply(&out, text, strlen(text), diags.items, diags.n);
    ASSERT_STR(buf_str(&out), want);
    ASSERT_EQ(n, mended);
    buf_done(&out);
    arena_done(&arena);
}

TEST(fix_replaces_what_stands_there)
{
    begin();
    edit(add(), 2, 4, 7, "BBB!");
    edit(add(), 1, 1, 2, "z");
    expect("é: a\nb: bbb # c\n", "z: a\nb: BBB! # c\n", 2);
}

TEST(fix_mends_a_diagnostic_whole_or_not_at_all)
{
    begin();
    struct diag *d = add();
    edit(d, 1, 1, 2, "z");
    edit(d, 9, 1, 2, "y");
    expect("a: b\n", "a: b\n", 0);
    begin();
    d = add();
    edit(d, 1, 4, 5, "1");
    edit(d, 1, 1, 2, "2");
    edit(d, 2, 1, 2, "3");
    expect("a: b\nc: d", "2: 1\n3: d", 1);
}

TEST(fix_lets_the_second_wait_where_two_overlap)
{
    begin();
    edit(add(), 1, 2, 4, "X");
    edit(add(), 1, 3, 5, "Y");
    edit(add(), 1, 5, 6, "Z");
    expect("abcdef", "aXdZf", 2);
}

TEST(fix_leaves_tags_anchors_aliases_and_blocks)
{
    static const char *const texts[] = {"a: &b c", "a: !b c", "a: *b", "a: |", "a: >-"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        begin();
        edit(add(), 1, 4, 5, "x");
        expect(texts[i], texts[i], 0);
    }
}

TEST(fix_keeps_what_stands_there_and_its_quotes)
{
    begin();
    diags_edit_around(&diags, add(), (struct diag_span){1, 4, 1, 7}, "{value: ", "}");
    diags_edit_name(&diags, add(), (struct diag_span){2, 4, 2, 10}, "grid");
    diags_edit_name(&diags, add(), (struct diag_span){3, 1, 3, 3}, "c");
    expect("a: 012\nb: \"gird\"\n'': x\n", "a: {value: 012}\nb: \"grid\"\nc: x\n", 3);
}

TEST(fix_line_is_the_one_line_as_it_would_be)
{
    struct buf line;
    begin();
    struct diag *d = add();
    edit(d, 1, 4, 5, "1");
    edit(d, 2, 1, 2, "z");
    buf_init(&line, SIZE_MAX);
    ASSERT(fix_line(&line, "a: b", 4, d));
    ASSERT_STR(buf_str(&line), "a: 1");
    ASSERT(!fix_line(&line, "a: b", 4, add()));
    buf_done(&line);
    arena_done(&arena);
}
