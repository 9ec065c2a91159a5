/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/causes.h"
#include "tests/test.h"

static struct arena arena;

static const char *printed(const struct cause *cause, size_t columns)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    cause_print(&out, cause, columns);
    const char *text = arena_strndup(&arena, buf_str(&out), out.len);
    buf_done(&out);
    return text;
}

TEST(lines_of_a_log_are_indented)
{
    struct buf out;
    const char log[] = "a\tb\n\n\tc\t\nd";
    buf_init(&out, SIZE_MAX);
    cause_print_log(&out, log, strlen(log));
    ASSERT_STR(buf_str(&out), "  a    b\n  \n      c    \n  d\n");
    buf_done(&out);
}

static struct cause_end ended(enum trial_reason reason, int code, const char *text)
{
    return (struct cause_end){reason, reason == REASON_SIGNAL ? -1 : code,
                              reason == REASON_SIGNAL ? code : 0, text};
}

static struct cause *add(struct causes *c, uint64_t trial, enum trial_reason reason, int code,
                         const char *text)
{
    const struct cause_end end = ended(reason, code, text);
    return causes_add(c, trial, &end);
}

static const char *text_of(enum trial_reason reason, int code, const char *text)
{
    const struct cause_end end = ended(reason, code, text);
    return cause_text(&arena, &end);
}

TEST(one_text_says_why)
{
    arena_init(&arena);
    ASSERT_STR(text_of(REASON_EXIT, 1, "torch.OutOfMemoryError: CUDA out of memory. Tried"),
               "out of GPU memory");
    ASSERT_STR(text_of(REASON_EXIT, 1, "RuntimeError: boom"), "RuntimeError: boom");
    ASSERT_STR(text_of(REASON_EXIT, 2, "t.py: error: no --lr"), "exit 2: t.py: error: no --lr");
    ASSERT_STR(text_of(REASON_EXIT, 1, NULL), "exit 1");
    ASSERT_STR(text_of(REASON_SIGNAL, 11, ""), "signal 11");
    ASSERT_STR(text_of(REASON_OOM, 0, "out of memory: it had 3 GiB"), "out of memory");
    ASSERT_STR(text_of(REASON_OOM, 0, NULL), "out of memory");
    ASSERT_STR(text_of(REASON_LAUNCH, 0, "no program x"), "could not start: no program x");
    ASSERT_STR(text_of(REASON_HOST, 0, "lost contact with its agent"),
               "lost contact with its agent");
    ASSERT_STR(text_of(REASON_EXIT, 1, "a\x1b[31mb\nc"), "exit 1: ab^Jc");
    struct cause_end end = ended(REASON_EXIT, 1, "MemoryError: 3 GiB");
    ASSERT_STR(cause_says(&arena, &end), "MemoryError: 3 GiB");
    end = ended(REASON_OOM, 0, "out of memory: it had 3 GiB");
    ASSERT_STR(cause_says(&arena, &end), "it had 3 GiB");
    end = ended(REASON_EXIT, 1, "RuntimeError: boom");
    ASSERT_STR(cause_says(&arena, &end), "");
    arena_done(&arena);
}

TEST(failures_alike_are_one_group)
{
    struct causes c;
    arena_init(&arena);
    causes_init(&c, &arena);
    ASSERT(!causes_largest(&c));
    add(&c, 4, REASON_EXIT, 1, "OutOfMemoryError: CUDA out of memory: 512 MiB");
    add(&c, 2, REASON_EXIT, 2, "CUDA out of memory elsewhere");
    add(&c, 3, REASON_SIGNAL, 9, "");
    add(&c, 9, REASON_EXIT, 1, "RuntimeError: loss 0.5 at 'x'");
    add(&c, 8, REASON_EXIT, 1, "RuntimeError: loss 12.25 at 'x'");
    add(&c, 7, REASON_EXIT, 2, NULL);
    add(&c, 6, REASON_EXIT, 1, NULL);
    ASSERT_EQ(c.n, 5);
    const struct cause *largest = causes_largest(&c);
    ASSERT_EQ(largest->n, 2);
    ASSERT_EQ(largest->trial, 4);
    const char whole[] = "2 failed alike: out of GPU memory, "
                         "'OutOfMemoryError: CUDA out of memory: 512 MiB'";
    ASSERT_STR(printed(largest, 82), whole);
    ASSERT_STR(printed(largest, 60),
               "2 failed alike: out of GPU memory, 'OutOfMemoryError: CUDA…'");
    ASSERT_STR(printed(largest, 40), "2 failed alike: out of GPU memory");
    ASSERT_STR(printed(largest, 28), "2 failed alike: out of GPU …");
    ASSERT(cause_fits(largest, 82) && !cause_fits(largest, 81) && !cause_fits(&c.items[1], 10));
    ASSERT_STR(printed(&c.items[1], 80), "1 failed: signal 9");
    ASSERT_STR(printed(&c.items[2], 80), "2 failed alike: RuntimeError: loss 0.5 at 'x'");
    for (int i = 0; i < CAUSES_MAX; i++)
        add(&c, 20, REASON_EXIT, 1, arena_printf(&arena, "%c", 'A' + i));
    ASSERT_EQ(c.n, CAUSES_MAX);
    ASSERT_EQ(c.others, 5);
    arena_done(&arena);
}

TEST(failures_that_differ_in_an_address_are_one_group)
{
    struct causes c;
    arena_init(&arena);
    causes_init(&c, &arena);
    add(&c, 1, REASON_EXIT, 1, "ValueError: nan in layer 9 at 0x98787ab0");
    add(&c, 2, REASON_EXIT, 1, "ValueError: nan in layer 9 at 0xa87f70b0");
    ASSERT_EQ(c.n, 1);
    arena_done(&arena);
}

TEST(what_a_cause_says_is_put_in_quotes_that_it_does_not_have)
{
    struct causes c;
    arena_init(&arena);
    causes_init(&c, &arena);
    add(&c, 9, REASON_EXIT, 1, "MemoryError: 'x'");
    ASSERT_STR(printed(&c.items[0], 80), "1 failed: out of memory, \"MemoryError: 'x'\"");
    arena_done(&arena);
}
