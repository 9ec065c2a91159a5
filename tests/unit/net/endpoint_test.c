/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/endpoint.h"

#include <string.h>

#include "tests/test.h"

#define PIN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

TEST(endpoint_reads_addresses_as_people_write_them)
{
    static const struct {
        const char *text, *address, *host, *pin;
    } good[] = {
        {"http://127.0.0.1:8470", "127.0.0.1:8470", "127.0.0.1", ""},
        {"http://localhost", "localhost:8470", "localhost", ""},
        {"http://127.0.0.1:1/", "127.0.0.1:1", "127.0.0.1", ""},
        {"http://[::1]:9", "[::1]:9", "[::1]", ""},
        {"http://[::1]", "[::1]:8470", "[::1]", ""},
        {"https://gpu0:8470#sha256:" PIN, "gpu0:8470", "gpu0", PIN},
        {"https://gpu0/#sha256:" PIN, "gpu0:8470", "gpu0", PIN},
        {"https://besom.example.org:443", "besom.example.org:443", "besom.example.org", ""},
        {"https://[2001:db8::1]#sha256:" PIN, "[2001:db8::1]:8470", "[2001:db8::1]", PIN},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct endpoint e, again;
        struct err err = {0};
        char text[ENDPOINT_BYTES];
        if (endpoint_parse(good[i].text, &e, &err) != 0)
            FAIL("%s: %s", good[i].text, err.text);
        ASSERT_STR(e.address, good[i].address);
        ASSERT_STR(e.host, good[i].host);
        ASSERT_STR(e.pin, good[i].pin);
        endpoint_print(&e, text);
        ASSERT_EQ(endpoint_parse(text, &again, &err), 0);
        ASSERT_STR(again.address, e.address);
        ASSERT_STR(again.pin, e.pin);
    }
}

TEST(endpoint_refuses_what_is_no_address)
{
    static const char *const bad[] = {
        "",
        "gpu0:8470",
        "ftp://gpu0",
        "http://",
        "https://",
        "https://:8470",
        "https://gpu0:99999",
        "https://gpu0:8470/path",
        "https://gpu0:8470?x",
        "https://me@gpu0:8470",
        "https://gpu 0:8470",
        "https://unix:8470",
        "http://gpu0:8470",
        "http://10.0.0.1:8470",
        "http://127.0.0.1:8470#sha256:" PIN,
        "https://gpu0:8470#sha256:" PIN "0",
        "https://gpu0:8470#sha256:ABCDEF",
        "https://gpu0:8470#md5:" PIN,
        "https://gpu0:8470#",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct endpoint e;
        struct err err = {0};
        if (endpoint_parse(bad[i], &e, &err) != ERR_USAGE)
            FAIL("%s is taken", bad[i]);
        ASSERT(err.text[0]);
    }
}

TEST(endpoint_refuses_addresses_that_are_too_long)
{
    char text[2000] = "https://";
    struct endpoint e;
    struct err err = {0};
    for (size_t n = strlen(text); n < sizeof text - 1; n++) {
        text[n] = 'a';
        text[n + 1] = '\0';
        bool taken = endpoint_parse(text, &e, &err) == 0;
        ASSERT(!taken || strlen(e.address) == n + 1 - strlen("https://") + strlen(":8470"));
    }
    ASSERT_EQ(endpoint_parse(text, &e, &err), ERR_USAGE);
}
