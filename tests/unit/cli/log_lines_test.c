/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/look/log_lines.h"
#include "tests/test.h"

/* What comes of the bytes, given in pieces of every size. */
static const char *all(enum log_lines_form form, const char *bytes, size_t len)
{
    static char first[4096];
    for (size_t piece = 1; piece <= len + 1; piece++) {
        struct log_lines l;
        struct buf out;
        buf_init(&out, SIZE_MAX);
        log_lines_init(&l, form, 2);
        for (size_t at = 0; at < len; at += piece)
            log_lines_add(&l, &out, bytes + at, piece < len - at ? piece : len - at);
        log_lines_end(&l, &out);
        if (piece == 1)
            memcpy(first, buf_str(&out), out.len + 1);
        ASSERT_STR(buf_str(&out), first);
        log_lines_done(&l);
        buf_done(&out);
    }
    return first;
}
#define ALL(form, s) all(form, s, sizeof(s) - 1)

TEST(raw_is_untouched)
{
    ASSERT_STR(ALL(LOG_LINES_RAW, "a\r\x1b[1mb\n\xff"), "a\r\x1b[1mb\n\xff");
}

TEST(clean_shows_what_a_terminal_would_end_up_with)
{
    ASSERT_STR(ALL(LOG_LINES_CLEAN, "1%\r2%\r3%\nok\r\n\x1b[32mgreen\x1b[0m\ta\nend"),
               "3%\nok\ngreen\ta\nend\n");
    ASSERT_STR(ALL(LOG_LINES_CLEAN, "größe\n"), "größe\n");
    ASSERT_STR(ALL(LOG_LINES_CLEAN, ""), "");
}

TEST(json_is_an_object_a_line)
{
    ASSERT_STR(ALL(LOG_LINES_JSON, "say \"x\"\n\nend"),
               "{\"attempt\":2,\"line\":\"say \\\"x\\\"\"}\n{\"attempt\":2,\"line\":\"\"}\n"
               "{\"attempt\":2,\"line\":\"end\"}\n");
}

TEST(a_line_without_end_comes_in_pieces)
{
    struct log_lines l;
    struct buf out;
    static char bytes[LOG_LINES_MAX + 3];
    memset(bytes, 'x', sizeof bytes);
    buf_init(&out, SIZE_MAX);
    log_lines_init(&l, LOG_LINES_CLEAN, 1);
    log_lines_add(&l, &out, bytes, sizeof bytes);
    ASSERT_EQ(out.len, LOG_LINES_MAX + 1);
    log_lines_end(&l, &out);
    ASSERT_EQ(out.len, LOG_LINES_MAX + 1 + 4);
    log_lines_done(&l);
    buf_done(&out);
}
