/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/test.h"

#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

static struct test *tests;

void test_register(struct test *t)
{
    t->next = tests;
    tests = t;
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "%s:%d: FAILED: ", file, line);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

void test_skip(const char *why)
{
    fprintf(stderr, "SKIPPED: %s\n", why);
    exit(77);
}

static int run_apart(const struct test *t)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        t->run();
        exit(0);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 1;
    int rc = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    printf("%s %s\n", rc == 0 ? "ok  " : rc == 77 ? "skip" : "FAIL", t->name);
    return rc == 0 || rc == 77 ? 0 : 1;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (const struct test *t = tests; t; t = t->next) {
        if (argc > 1 && strcmp(argv[1], t->name) == 0) {
            t->run();
            return 0;
        }
        if (argc == 1)
            failed += run_apart(t);
    }
    if (argc > 1) {
        fprintf(stderr, "no test named %s\n", argv[1]);
        return 2;
    }
    return failed ? 1 : 0;
}
