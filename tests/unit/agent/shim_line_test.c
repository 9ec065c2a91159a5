/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim/shim_line.h"

#include <string.h>

#include "base/buf.h"
#include "tests/test.h"

static struct shim_line line;

/* The lines of text, one a line, "<long>" in place of one that is too long; taken in pieces. */
static void lines_expect(enum shim_line_mode mode, const char *text, size_t len, const char *wanted)
{
    for (size_t piece = 1; piece <= len; piece++) {
        struct buf out;
        enum shim_line_event event;
        buf_init(&out, SIZE_MAX);
        line = (struct shim_line){.mode = mode, .max = 40};
        for (size_t at = 0; at < len;) {
            size_t n = len - at < piece ? len - at : piece;
            for (size_t used = 0; used < n;) {
                used += shim_line_take(&line, text + at + used, n - used, &event);
                if (event == SHIM_LINE_ENDED)
                    buf_add(&out, line.text, line.len);
                if (event == SHIM_LINE_LONG)
                    buf_adds(&out, "<long>");
                if (event != SHIM_LINE_OPEN)
                    buf_addc(&out, '\n');
            }
            at += n;
        }
        if (shim_line_finish(&line) != SHIM_LINE_OPEN)
            buf_add(&out, line.text, line.len);
        ASSERT_STR(buf_str(&out), wanted);
        buf_done(&out);
    }
}

#define EXPECT(mode, text, wanted) lines_expect(SHIM_LINE_##mode, text, sizeof text - 1, wanted)

TEST(line_carriage_return_leaves_the_last_state)
{
    EXPECT(ALL, "\r  0%|  | 0/2\r 50%|# | 1/2\r100%|##| 2/2\nnext\r\n\r\nlast\r",
           "100%|##| 2/2\nnext\n\nlast");
    /* tqdm with leave=False wipes its bar out. */
    EXPECT(ALL, "\r100%|##| 2/2\r            \rloss=0.5\n\r100%\r    \r\n", "loss=0.5\n100%\n");
    EXPECT(JSON, "\r50%|# |\r{\"a\": 1}\nx\r\n{\"b\": 2}\r\n", "{\"a\": 1}\n\n{\"b\": 2}\n");
}

/* As tqdm draws them: the inner bar one row down, and up again. */
#define IN(text) "\n\r" text "\x1b[A"
TEST(line_of_an_inner_bar_is_its_last_state)
{
    EXPECT(ALL,
           "\rout 0/2" IN("in 0/9") IN("in 5/9")
               IN("in 9/9") "\rin 9/9\n" /* it stays */
                            "\rout 1/2" IN("in 0/9") IN("in 4/9") "\rin 9/9 b\n"
                                                                  "\rout 1/2\rout 2/2\nnext\n",
           "out 0/2\nin 9/9\nout 1/2\nin 9/9 b\nout 2/2\nnext\n");
    EXPECT(ALL,
           "\rout 0/2" IN("in 1/9") IN("in 9/9") "\n\r      \r\x1b[A" /* it goes */
                                                 "\rout 1/2" IN("in 1/9") IN("in 8/9")
                                                     IN("      \r") "\rout 2/2\nnext\n",
           "out 0/2\nin 9/9\nout 1/2\nin 8/9\nout 2/2\nnext\n");
    EXPECT(ALL, "\rout 0/2" IN("in 1/2") IN("    \r") IN("in 2/2") IN("    \r"),
           "out 0/2\nin 1/2\nin 2/2");
    /* Redrawn while the inner one is under way; three of them; cut off. */
    EXPECT(ALL, "\rout 0" IN("in 1") "\rout 0b" IN("in 2") "\rdone\nx\n",
           "out 0\nout 0b\ndone\nx\n");
    EXPECT(ALL,
           "\rA 0" IN("B 0") "\n\n\rC 0\x1b[A\x1b[A\n\n\rC 1\x1b[2A" IN("B 1") "\n\n\rC 2\x1b[2A",
           "A 0\nB 0\nB 1\nC 2");
}

TEST(line_colours_and_control_characters_are_dropped)
{
    EXPECT(ALL,
           "\x1b[1;31mloss\x1b[0m=\x1b[38;2;0;0;0m0.5\x1b(B\x1b[K\x1b]8;;http://"
           "x\x1b\\a\x1b]0;t\ab\0\1\n",
           "loss=0.5ab\n");
    EXPECT(JSON, "\x1b[32m{\"a\": 1}\x1b[0m\n", "{\"a\": 1}\n");
    EXPECT(ALL, "broken \x1b[3\nnext\n", "broken \nnext\n");
}

/* Keras takes its bar back with backspaces, as many as it had characters. */
TEST(line_backspace_takes_a_character_back)
{
    EXPECT(ALL, "1/2 \xe2\x94\x81 a: 1\b\b\b\b\b\b\b\b\b\b\r2/2 \xe2\x94\x81\xe2\x94\x81 a: 2\n",
           "2/2 \xe2\x94\x81\xe2\x94\x81 a: 2\n");
    EXPECT(ALL, "\b50%\xe2\x94\x81\b\b\b6%\n", "56%\n");
}

TEST(line_too_long)
{
#define FORTY "0123456789012345678901234567890123456789"
    EXPECT(ALL, FORTY "\n" FORTY "1\nshort\n", FORTY "\n<long>\nshort\n");
    EXPECT(ALL, FORTY FORTY "\rlast\n", "last\n"); /* what the line ends as is not */
    EXPECT(JSON, "{" FORTY "\n" FORTY FORTY "\n", "<long>\n\n");
    ASSERT_EQ(line.number, 2);
}
