/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag/nearest.h"
#include "base/number/rng.h"
#include "tests/test.h"

TEST(nearest_names)
{
    static const char *const names[] = {"parameters", "program", "metric", "q"};
    ASSERT_STR(nearest_name("paramters", names, 4, sizeof *names), "parameters");
    ASSERT_STR(nearest_name("progarm", names, 4, sizeof *names), "program");
    ASSERT_STR(nearest_name("Metrics", names, 4, sizeof *names), "metric");
    ASSERT_STR(nearest_name("par", names, 4, sizeof *names), "parameters");
    ASSERT(!nearest_name("data", names, 4, sizeof *names));
    ASSERT(!nearest_name("", names, 4, sizeof *names));
    ASSERT(!nearest_name("x", names, 4, sizeof *names));
}

/* The whole table, without a shortcut. */
static size_t edits(const char *a, size_t an, const char *b, size_t bn)
{
    size_t d[16][16];
    for (size_t i = 0; i <= an; i++)
        for (size_t j = 0; j <= bn; j++) {
            d[i][j] = i + j;
            if (i == 0 || j == 0)
                continue;
            size_t replaced = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            size_t shorter = (d[i - 1][j] < d[i][j - 1] ? d[i - 1][j] : d[i][j - 1]) + 1;
            d[i][j] = replaced < shorter ? replaced : shorter;
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && d[i - 2][j - 2] + 1 < d[i][j])
                d[i][j] = d[i - 2][j - 2] + 1;
        }
    return d[an][bn];
}

TEST(nearest_counts_edits_as_the_whole_table_does)
{
    enum { CASES = 20000, NAMES = 6, LONGEST = 12 };
    for (uint64_t seed = 0; seed < CASES; seed++) {
        struct rng r;
        char words[NAMES + 1][LONGEST + 1];
        const char *names[NAMES + 1], *want = NULL;
        size_t best = SIZE_MAX;
        rng_init(&r, seed, 0, RNG_TEST);
        for (size_t i = 0; i <= NAMES; i++) {
            size_t len = 3 + (size_t)rng_below(&r, LONGEST - 2);
            for (size_t k = 0; k < len; k++)
                words[i][k] = (char)('a' + rng_below(&r, 3));
            words[i][len] = '\0';
            names[i] = words[i];
        }
        size_t len = strlen(words[0]);
        for (size_t i = 1; i <= NAMES; i++) {
            size_t other = strlen(words[i]);
            bool begins = strncmp(words[0], words[i], len) == 0;
            size_t away = begins ? 1 : edits(words[0], len, words[i], other);
            if ((begins || away <= (len > other ? len : other) / 3) && away < best) {
                best = away;
                want = words[i];
            }
        }
        const char *got = nearest_name(words[0], names + 1, NAMES, sizeof *names);
        if (got != want)
            FAIL("seed %" PRIu64 ": %s: got %s, want %s", seed, words[0], got ? got : "none",
                 want ? want : "none");
    }
}
