/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/http_head.h"

#include "tests/test.h"

TEST(http_head_accepts_a_coding_that_is_named)
{
    static const struct {
        const char *value;
        bool accepts;
    } cases[] = {{"zstd", true},
                 {"gzip, deflate, br, zstd", true},
                 {"ZSTD", true},
                 {"gzip,zstd;q=0.5,br", true},
                 {"zstd ; Q=1", true},
                 {"zstd;q=0.001", true},
                 {" zstd\t", true},
                 {"zstd;q=1.000 , gzip", true},
                 {"zstd;q=0", false},
                 {"zstd;q=0;x=1", false},
                 {"zstd;q=a1", false},
                 {"zstd;q=0.x1", false},
                 {"zstd;q=0 1", false},
                 {"zstd;q=0.000, gzip", false},
                 {"zstd; q=0", false},
                 {"zstd;q=", false},
                 {"zstd;level=1", false},
                 {"", false},
                 {"*", false},
                 {"gzip, deflate", false},
                 {"zst", false},
                 {"zstdx", false},
                 {"x-zstd", false},
                 {"gzip;zstd", false},
                 {",,;;,q=1", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_header headers[] = {{(char *)"host", (char *)"zstd"},
                                        {(char *)"accept-encoding", (char *)cases[i].value}};
        const struct http_head head = {.headers = headers, .n = 2};
        if (http_head_accepts(&head, "zstd") != cases[i].accepts)
            FAIL("Accept-Encoding: %s", cases[i].value);
    }
}

TEST(http_head_accepts_a_coding_in_any_header)
{
    struct http_header headers[] = {{(char *)"accept-encoding", (char *)"gzip"},
                                    {(char *)"accept-encoding", (char *)"zstd"}};
    const struct http_head head = {.headers = headers, .n = 2};
    ASSERT(http_head_accepts(&head, "zstd"));
    ASSERT(http_head_accepts(&head, "gzip"));
    ASSERT(!http_head_accepts(&(struct http_head){.headers = headers, .n = 1}, "zstd"));
    ASSERT(!http_head_accepts(&(struct http_head){.n = 0}, "zstd"));
}
