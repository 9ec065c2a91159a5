/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/paragraph.h"
#include "base/buf.h"
#include "tests/test.h"

TEST(paragraphs_break_at_spaces)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    paragraph_wrap(&out, "one two three\nfour", 2, 4, 10);
    ASSERT_STR(buf_str(&out), "one two\n    three\n    four\n");
    buf_clear(&out);
    paragraph_wrap(&out, "unbreakably-long word", 0, 0, 5);
    ASSERT_STR(buf_str(&out), "unbreakably-long\nword\n");
    buf_done(&out);
}
