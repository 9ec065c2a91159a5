/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "tests/test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs f in a child; whether it ended by abort() and said that memory ran out. */
static bool aborts(void (*f)(void))
{
    int ends[2];
    ASSERT(pipe(ends) == 0);
    pid_t pid = fork();
    ASSERT(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], 2);
        f();
        _exit(0);
    }
    close(ends[1]);
    char said[256] = "";
    ssize_t n = read(ends[0], said, sizeof said - 1);
    close(ends[0]);
    int status = 0;
    ASSERT(waitpid(pid, &status, 0) == pid);
    return n > 0 && strstr(said, "out of memory") && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGABRT;
}

static void alloc_negative(void)
{
    mem_alloc((size_t)-1);
}

static void grow_past_all(void)
{
    size_t cap = 0;
    mem_grow(NULL, &cap, SIZE_MAX / 16 + 1, 32);
}

TEST(mem_ends_the_process_where_there_is_none)
{
    ASSERT(aborts(alloc_negative));
    ASSERT(aborts(grow_past_all));
}

TEST(mem_alloc_is_zeroed)
{
    unsigned char *p = mem_alloc(1000);
    for (size_t i = 0; i < 1000; i++)
        ASSERT_EQ(p[i], 0);
    mem_free(p);
    char *copy = mem_strdup("text");
    ASSERT_STR(copy, "text");
    mem_free(copy);
    mem_free(mem_alloc(0));
    mem_free(NULL);
}

TEST(mem_grow_doubles_and_keeps)
{
    size_t cap = 0;
    int *p = NULL;
    size_t moves = 0;
    for (size_t n = 0; n < 1000; n++) {
        size_t before = cap;
        p = mem_grow(p, &cap, n + 1, sizeof *p);
        ASSERT(cap >= n + 1);
        moves += cap != before;
        p[n] = (int)n;
    }
    for (size_t n = 0; n < 1000; n++)
        ASSERT_EQ(p[n], n);
    ASSERT(moves <= 8);
    size_t same = cap;
    ASSERT(mem_grow(p, &cap, 3, sizeof *p) == p);
    ASSERT_EQ(cap, same);
    mem_free(p);
}
