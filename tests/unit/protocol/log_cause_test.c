/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/log_cause.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tests/test.h"

static struct arena arena;

static const char *line(const char *log)
{
    return log_cause_find(&arena, log, strlen(log), true);
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
    ASSERT_STR(line("Epoch 3\n"
                    "[rank1]: Traceback (most recent call last):\n"
                    "[rank1]:   File \"t.py\", line 3, in <module>\n"
                    "[rank1]: ValueError: no such layer\n"
                    "Traceback (most recent call last):\n"
                    "  File \"/bin/torchrun\", line 8, in <module>\n"
                    "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: \n"
                    "====\ntrain.py FAILED\n----\nFailures:\n  <NO_OTHER_FAILURES>\n----\n"
                    "Root Cause (first observed failure):\n[0]:\n  exitcode  : 1 (pid: 7)\n====\n"),
               "ValueError: no such layer");
    ASSERT_STR(line("Could not open the cache\nSegmentation fault\n"), "Segmentation fault");
    ASSERT_STR(line("\x1b[31mRuntimeError: no\x1b[0m\n"), "RuntimeError: no");
    arena_done(&arena);
}

/* The error of a traceback counts whatever is printed after it; other errors only at the end. */
TEST(the_last_traceback_is_found_before_many_lines)
{
    arena_init(&arena);
    const char *log =
        "Traceback (most recent call last):\n  File \"a.py\", line 1\nOSError: old\n"
        "Traceback (most recent call last):\n  File \"t.py\", line 3\n    run()\n"
        "acme.Broken\n"
        "wandb: a\nwandb: b\nwandb: c\nwandb: d\nwandb: e\nwandb: f\nwandb: g\nwandb: h\n"
        "wandb: i\nwandb: j\nwandb: k\nwandb: l\nwandb: m\n";
    ASSERT_STR(line(log), "acme.Broken");
    arena_done(&arena);
}

TEST(lines_of_wandb_are_no_cause)
{
    arena_init(&arena);
    const char *blue = "\x1b[34m\x1b[1mwandb\x1b[0m: Find logs at: ./wandb/run-1/logs\n";
    ASSERT_STR(line("saved\nwandb: a\n"), "saved");
    ASSERT_STR(line(arena_printf(&arena, "saved\nwandb: \nwandb:\n%s", blue)), "saved");
    ASSERT_STR(line(blue), "");
    const char *many = arena_printf(&arena, "%s%s%s%s", blue, blue, blue, blue);
    many = arena_printf(&arena, "saved\n%s%s%s%s", many, many, many, many);
    ASSERT_STR(line(many), "saved");
    ASSERT_STR(line(arena_printf(&arena, "t.py: \x1b[1mno\n%s", many + 6)), "t.py: no");
    ASSERT_STR(line("\x1b[31mValueError: no\x1b[0m\nbye\n"), "ValueError: no");
    ASSERT_STR(line("wandb_local: no\n"), "wandb_local: no");
    arena_done(&arena);
}

TEST(a_line_that_is_no_error_is_left_out_where_it_would_mislead)
{
    arena_init(&arena);
    const char *log = "epoch 3\n", *killed = "x\nMemoryError\n";
    ASSERT_STR(log_cause_find(&arena, log, strlen(log), false), "");
    ASSERT_STR(log_cause_find(&arena, killed, strlen(killed), false), "MemoryError");
    arena_done(&arena);
}

TEST(known_causes_have_words)
{
    ASSERT_STR(log_cause_known("torch.OutOfMemoryError: CUDA out of memory. Tried …"),
               "out of GPU memory");
    ASSERT_STR(log_cause_known("OSError: [Errno 28] No space left on device: 'x'"),
               "no space left on the disk");
    ASSERT_STR(log_cause_known("MemoryError"), "out of memory");
    ASSERT(!log_cause_known("RuntimeError: boom") && !log_cause_known(""));
    ASSERT(log_cause_is_error("RuntimeError: boom") && !log_cause_is_error("t.py: error: no"));
}

/* A log may hold anything, and a line of any length. */
TEST(what_is_found_is_short_and_harmless)
{
    size_t len = 100000;
    char *log = mem_alloc(len + 1);
    arena_init(&arena);
    for (size_t i = 0; i < len; i++)
        log[i] = (char)(i % 7 ? 0xe2 + i % 3 : i % 2 ? 0x1b : 'x');
    const char *found = log_cause_find(&arena, log, len, true);
    ASSERT(strlen(found) > 0 && strlen(found) <= LOG_CAUSE_MAX);
    ASSERT_EQ(utf8_valid_prefix(found, strlen(found)), strlen(found));
    memset(log, '\n', len);
    memcpy(log, "ValueError: far away", 20);
    ASSERT_STR(log_cause_find(&arena, log, len, true), "");
    const char *text = log_cause_clean(&arena, "a\x1b[2Jb\nc\x07", 9);
    ASSERT(!strchr(text, 0x1b) && !strchr(text, '\n') && !strchr(text, 7));
    ASSERT_STR(log_cause_short(&arena, "äöü", 5), "ä…");
    ASSERT_STR(log_cause_short(&arena, "abc", 3), "abc");
    mem_free(log);
    arena_done(&arena);
}
