/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim/shim_record.h"
#include "tests/test.h"

static const struct shim_record claim = {.pid = 4711, .start = 99, .boot = "boot-id"};
static const struct shim_end end = {.code = 3,
                                    .cause = SHIM_CAUSE_TIME,
                                    .unkillable = true,
                                    .durable = true,
                                    .ended_ms = 1700000000123,
                                    .ran_ms = 4500,
                                    .dropped = 1ull << 40,
                                    .error = "two\nlines"};

static size_t whole(char out[3 * SHIM_RECORD_BYTES])
{
    size_t n = shim_record_print_claim(out, &claim);
    n += shim_record_print_training(out + n, 4712);
    return n + shim_record_print_end(out + n, &end);
}

TEST(record_reads_back_as_written)
{
    char text[3 * SHIM_RECORD_BYTES];
    struct shim_record r;
    ASSERT_EQ(shim_record_parse(text, whole(text), &r), 0);
    ASSERT_EQ(r.pid, 4711);
    ASSERT_EQ(r.start, 99);
    ASSERT_STR(r.boot, "boot-id");
    ASSERT_EQ(r.training, 4712);
    ASSERT(r.has_end);
    ASSERT_EQ(r.end.code, 3);
    ASSERT_EQ(r.end.signal, 0);
    ASSERT_EQ(r.end.cause, SHIM_CAUSE_TIME);
    ASSERT(!r.end.oom && r.end.unkillable && r.end.durable);
    ASSERT_EQ(r.end.ended_ms, 1700000000123);
    ASSERT_EQ(r.end.ran_ms, 4500);
    ASSERT_EQ(r.end.dropped, 1ll << 40);
    ASSERT_STR(r.end.error, "two lines");
}

TEST(record_cut_anywhere_is_never_read_as_an_end)
{
    char text[3 * SHIM_RECORD_BYTES];
    size_t n = whole(text), claimed = shim_record_print_claim(text, &claim);
    whole(text);
    for (size_t len = 0; len < n; len++) {
        struct shim_record r;
        int rc = shim_record_parse(text, len, &r);
        ASSERT_EQ(rc, len < claimed ? ERR_DAMAGED : 0);
        if (rc == 0) {
            ASSERT(!r.has_end);
            ASSERT_EQ(r.end.code, 0);
            ASSERT(r.training == 0 || r.training == 4712);
        }
    }
}

TEST(record_with_zeros_from_a_power_cut)
{
    char text[3 * SHIM_RECORD_BYTES];
    size_t n = whole(text);
    struct shim_record r;
    memset(text + n - 20, 0, 20);
    ASSERT_EQ(shim_record_parse(text, n, &r), 0);
    ASSERT(!r.has_end);
    memset(text, 0, n);
    ASSERT_EQ(shim_record_parse(text, n, &r), ERR_DAMAGED);
}

TEST(record_of_nonsense)
{
    static const char *const bad[] = {"",
                                      "besom-shim 2\npid 1\nclaimed\n",
                                      "besom-shim 1\n",
                                      "besom-shim 1\npid x\nclaimed\n",
                                      "besom-shim 1\npid -4\nclaimed\n",
                                      "hello"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct shim_record r;
        ASSERT_EQ(shim_record_parse(bad[i], strlen(bad[i]), &r), ERR_DAMAGED);
    }
    struct shim_record r;
    static const char odd[] = "besom-shim 1\npid 5\nclaimed\nnew key\ncode 300000000000\nend\n";
    ASSERT_EQ(shim_record_parse(odd, sizeof odd - 1, &r), 0);
    ASSERT(!r.has_end);
}

TEST(record_fits_one_block)
{
    char text[3 * SHIM_RECORD_BYTES];
    struct shim_end long_end = end;
    memset(long_end.error, 'x', sizeof long_end.error - 1);
    size_t n = shim_record_print_claim(text, &claim);
    n += shim_record_print_training(text + n, INT64_MAX);
    n += shim_record_print_end(text + n, &long_end);
    ASSERT(n < SHIM_RECORD_BYTES);
}
