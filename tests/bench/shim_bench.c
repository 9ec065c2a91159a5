/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shim_bench SHIM [N]: what a shim costs. N times the whole life of an attempt with /bin/true as
 * its training (directory made, shim spawned, ended, end read, directory removed), one after the
 * other and two at a time, beside /bin/true alone and beside the shim's claim of nothing (wrong
 * usage). */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/attempt_dir.h"
#include "base/check.h"

extern char **environ;

enum { AT_ONCE_MAX = 2, PATH_BYTES = 256 };

static char run_dir[] = "/tmp/besom-bench-XXXXXX";

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static pid_t spawn(char *const argv[])
{
    pid_t pid;
    posix_spawnattr_t attr;
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID);
    check(posix_spawn(&pid, argv[0], NULL, &attr, argv, environ) == 0);
    posix_spawnattr_destroy(&attr);
    return pid;
}

static pid_t begin_attempt(char *shim, int i)
{
    char dir[PATH_BYTES], log[PATH_BYTES];
    snprintf(dir, sizeof dir, "%s/%d", run_dir, i);
    snprintf(log, sizeof log, "%s/%d.log", run_dir, i);
    check(attempt_dir_make(dir, NULL) == 0);
    char *argv[] = {shim, "--dir", dir, "--log", log, "--", "/bin/true", NULL};
    return spawn(argv);
}

static void finish_attempt(int i)
{
    char dir[PATH_BYTES];
    struct attempt_dir d;
    snprintf(dir, sizeof dir, "%s/%d", run_dir, i);
    check(attempt_dir_probe(dir, &d, NULL) == 0 && d.state == ATTEMPT_DIR_ENDED);
    check(d.record.end.code == 0 && d.record.end.signal == 0);
    check(attempt_dir_trim(dir, NULL) == 0);
}

static void attempts(char *shim, int n, int at_once)
{
    pid_t pids[AT_ONCE_MAX];
    int number[AT_ONCE_MAX], begun = 0;
    for (; begun < at_once; begun++) {
        number[begun] = begun;
        pids[begun] = begin_attempt(shim, begun);
    }
    for (int done = 0; done < n; done++) {
        int status, k = 0;
        pid_t pid = waitpid(-1, &status, 0);
        check(pid > 0 && status == 0);
        while (pids[k] != pid)
            k++;
        finish_attempt(number[k]);
        if (begun < n) {
            number[k] = begun;
            pids[k] = begin_attempt(shim, begun++);
        }
    }
}

static void alone(char *program, int n)
{
    char *argv[] = {program, NULL};
    for (int i = 0; i < n; i++)
        waitpid(spawn(argv), NULL, 0);
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

/* CPU time of what was spawned since the last call: it says more than the clock on a busy machine.
 */
static double cpu_s(void)
{
    static double before;
    struct rusage r;
    getrusage(RUSAGE_CHILDREN, &r);
    double now = seconds(r.ru_utime) + seconds(r.ru_stime), since = now - before;
    before = now;
    return since;
}

static void report(const char *what, double began, int n)
{
    double s = now_s() - began;
    printf("%-34s %8.0f a second %8.3f ms each %8.3f ms CPU each\n", what, n / s, 1e3 * s / n,
           1e3 * cpu_s() / n);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: shim_bench SHIM [N]\n", stderr);
        return 2;
    }
    int n = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 500;
    check(n >= AT_ONCE_MAX && mkdtemp(run_dir));
    check(freopen("/dev/null", "w", stderr));
    double began = now_s();
    alone("/bin/true", n);
    report("/bin/true, posix_spawn and wait", began, n);
    began = now_s();
    alone(argv[1], n);
    report("besom-shim, usage error", began, n);
    for (int at_once = 1; at_once <= AT_ONCE_MAX; at_once++) {
        began = now_s();
        attempts(argv[1], n, at_once);
        report(at_once == 1 ? "attempts of /bin/true, 1 at a time"
                            : "attempts of /bin/true, 2 at a time",
               began, n);
    }
    check(rmdir(run_dir) == 0);
    return 0;
}
