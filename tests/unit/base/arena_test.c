/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/arena.h"
#include "base/number/rng.h"
#include "tests/test.h"

#include <stdalign.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(arena_pieces_are_zeroed_aligned_and_apart)
{
    struct arena a;
    struct rng rng;
    arena_init(&a);
    rng_init(&rng, 1, 0, RNG_TEST);
    enum { PIECES = 500 };
    static unsigned char *piece[PIECES];
    static size_t bytes[PIECES];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < PIECES; i++) {
            bytes[i] = (size_t)rng_below(&rng, i % 50 == 0 ? 300000 : 200);
            piece[i] = arena_alloc(&a, bytes[i]);
            ASSERT_EQ((uintptr_t)piece[i] % alignof(max_align_t), 0);
            for (size_t k = 0; k < bytes[i]; k++)
                ASSERT_EQ(piece[i][k], 0);
            if (bytes[i])
                memset(piece[i], (int)(i % 255 + 1), bytes[i]);
        }
        for (size_t i = 0; i < PIECES; i++)
            for (size_t k = 0; k < bytes[i]; k++)
                ASSERT_EQ(piece[i][k], i % 255 + 1);
        arena_clear(&a);
        ASSERT_EQ(a.bytes, 0);
    }
    arena_done(&a);
    ASSERT(a.head == NULL);
    ASSERT(arena_alloc(&a, 10) != NULL);
    arena_done(&a);
}

TEST(arena_counts_what_it_gave)
{
    struct arena a;
    arena_init(&a);
    arena_alloc(&a, 100);
    arena_alloc(&a, 23);
    ASSERT_EQ(a.bytes, 123);
    arena_done(&a);
    ASSERT_EQ(a.bytes, 0);
}

TEST(arena_strings)
{
    struct arena a;
    arena_init(&a);
    ASSERT_STR(arena_strdup(&a, "hello"), "hello");
    ASSERT_STR(arena_strndup(&a, "hello", 4), "hell");
    ASSERT_STR(arena_strndup(&a, NULL, 0), "");
    ASSERT_STR(arena_printf(&a, "%s=%d", "x", 7), "x=7");
    for (int len = 200; len < 300; len++) {
        const char *s = arena_printf(&a, "%*d", len, 42);
        ASSERT_EQ(strlen(s), len);
        ASSERT_STR(s + len - 3, " 42");
    }
    arena_done(&a);
}

TEST(arena_pieces_have_ends_that_asan_sees)
{
#ifdef __SANITIZE_ADDRESS__
    pid_t pid = fork();
    ASSERT(pid >= 0);
    if (pid == 0) {
        struct arena a;
        arena_init(&a);
        volatile char *piece = arena_alloc(&a, 13);
        arena_alloc(&a, 13);
        ASSERT(freopen("/dev/null", "w", stderr) != NULL);
        piece[13] = 'x';
        _exit(0);
    }
    int status = 0;
    ASSERT(waitpid(pid, &status, 0) == pid);
    ASSERT(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
#else
    test_skip("this build has no AddressSanitizer");
#endif
}

/* Whatever was taken after the mark, what came before it stays, and the count is what it was. */
TEST(arena_rewinds_to_a_mark)
{
    struct arena a;
    struct rng rng;
    rng_init(&rng, 2, 0, RNG_TEST);
    for (int round = 0; round < 200; round++) {
        char *kept[20];
        size_t n = rng_below(&rng, 20);
        arena_init(&a);
        for (size_t i = 0; i < n; i++)
            kept[i] = memset(arena_alloc(&a, 1000 * i + 1), (int)i, 1000 * i + 1);
        struct arena_mark mark = arena_mark(&a);
        for (int again = 0; again < 3; again++) {
            for (uint64_t i = rng_below(&rng, 60); i > 0; i--) {
                size_t bytes = rng_below(&rng, rng_below(&rng, 8) ? 400 : 200000);
                memset(arena_alloc(&a, bytes), 0xee, bytes);
            }
            arena_rewind(&a, &mark);
            ASSERT_EQ(a.bytes, mark.bytes);
            for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < 1000 * i + 1; k++)
                    ASSERT_EQ(kept[i][k], i);
        }
        arena_done(&a);
    }
}
