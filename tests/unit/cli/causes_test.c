/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/causes.h"
#include "tests/test.h"

static struct arena arena;

static const char *line(const char *log)
{
    return cause_line(&arena, log, strlen(log));
}

TEST(the_line_that_tells_why)
{
    arena_init(&arena);
    ASSERT_STR(line(""), "");
    ASSERT_STR(line("\n \n"), "");
    ASSERT_STR(line("epoch 3\n\n"), "epoch 3");
    ASSERT_STR(line("no newline"), "no newline");
    ASSERT_STR(line("Traceback (most recent call last):\n  File \"t.py\", line 3\n"
                    "torch.OutOfMemoryError: CUDA out of memory.\nwandb: syncing\n\n"),
               "torch.OutOfMemoryError: CUDA out of memory.");
    ASSERT_STR(line("t.py: error: unrecognized arguments: --lr=1\n"),
               "t.py: error: unrecognized arguments: --lr=1");
    ASSERT_STR(line("ValueError: old\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nnewest\n"), "newest");
    ASSERT_STR(line("10%\r50%\rKeyboardInterrupt\r\n"), "KeyboardInterrupt");
    ASSERT_STR(
        line("In 'config': Could not find 'model/rnn'\n\nAvailable options in 'model':\n\tcnn\n"
             "\tmlp\n\nSet the environment variable HYDRA_FULL_ERROR=1 for a complete stack "
             "trace.\n"),
        "In 'config': Could not find 'model/rnn'");
    ASSERT_STR(
        line("Traceback\nZeroDivisionError: division by zero\n\nSet the environment variable "
             "HYDRA_FULL_ERROR=1 for a complete stack trace.\n"),
        "ZeroDivisionError: division by zero");
    ASSERT_STR(line("Could not open the cache\nSegmentation fault\n"), "Segmentation fault");
    ASSERT_STR(line("\x1b[31mRuntimeError: no\x1b[0m\n"), "RuntimeError: no");
    arena_done(&arena);
}

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

TEST(a_cause_with_single_quotes_is_put_in_double_ones)
{
    struct causes c;
    arena_init(&arena);
    causes_init(&c, &arena);
    causes_add(&c, 9, "exit 1", "No module named 'numpy'");
    ASSERT_STR(printed(&c.items[0], 80), "1 failed: exit 1, \"No module named 'numpy'\"");
    arena_done(&arena);
}

TEST(failures_alike_are_one_group)
{
    struct causes c;
    arena_init(&arena);
    causes_init(&c, &arena);
    ASSERT(!causes_largest(&c));
    causes_add(&c, 4, "exit 1", "CUDA out of memory: 512 MiB");
    causes_add(&c, 2, "exit 1", "CUDA out of memory: 8192 MiB");
    causes_add(&c, 3, "signal 9", "");
    causes_add(&c, 9, "exit 2", "CUDA out of memory: 512 MiB");
    ASSERT_EQ(c.n, 3);
    const struct cause *largest = causes_largest(&c);
    ASSERT_EQ(largest->n, 2);
    ASSERT_EQ(largest->trial, 4);
    ASSERT_STR(printed(largest, 80), "2 failed alike: exit 1, 'CUDA out of memory: 512 MiB'");
    ASSERT_STR(printed(largest, 40), "2 failed alike: exit 1, 'CUDA out of m…'");
    ASSERT_STR(printed(largest, 28), "2 failed alike: exit 1");
    ASSERT(cause_fits(largest, 53) && !cause_fits(largest, 52) && !cause_fits(&c.items[1], 10));
    ASSERT_STR(printed(&c.items[1], 80), "1 failed: signal 9");
    for (int i = 0; i < CAUSES_MAX; i++)
        causes_add(&c, 20, "exit 1", arena_printf(&arena, "%c", 'A' + i));
    ASSERT_EQ(c.n, CAUSES_MAX);
    ASSERT_EQ(c.others, 3);
    arena_done(&arena);
}
