/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/path_text.h"

#include "base/utf8.h"
#include "tests/test.h"

TEST(path_text_is_the_path_where_that_is_text)
{
    static const char *const paths[] = {"", "/", "/tmp/caf\xC3\xA9 100%", "relative/%41"};
    char text[PATH_TEXT_BYTES], path[PATH_TEXT_PATH_BYTES];
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        path_text_print(text, paths[i]);
        ASSERT_STR(text, paths[i]);
        ASSERT(path_text_parse(path, text));
        ASSERT_STR(path, paths[i]);
    }
}

TEST(path_text_of_any_bytes_is_text_and_reads_back)
{
    char every[300], text[PATH_TEXT_BYTES], path[PATH_TEXT_PATH_BYTES];
    for (int b = 1; b < 256; b++)
        every[b - 1] = (char)b;
    every[255] = '\0';
    const char *const paths[] = {every, "/caf\xE9/%", "bytes:/x", "\xff"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        path_text_print(text, paths[i]);
        ASSERT_EQ(utf8_valid_prefix(text, strlen(text)), strlen(text));
        ASSERT(strncmp(text, "bytes:", 6) == 0);
        ASSERT(path_text_parse(path, text));
        ASSERT_STR(path, paths[i]);
    }
    path_text_print(text, "/caf\xE9/%");
    ASSERT_STR(text, "bytes:/caf%E9/%25");
}

TEST(path_text_refuses_invalid_escapes)
{
    static char too_long[PATH_TEXT_BYTES];
    char path[PATH_TEXT_PATH_BYTES];
    ASSERT(!path_text_parse(path, "bytes:%"));
    ASSERT(!path_text_parse(path, "bytes:%4"));
    ASSERT(!path_text_parse(path, "bytes:%e9"));
    ASSERT(!path_text_parse(path, "bytes:%00"));
    memset(too_long, 'x', sizeof too_long - 1);
    ASSERT(!path_text_parse(path, too_long));
}
