/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a shim costs: the whole life of an attempt with /bin/true as its training (directory made,
 * shim spawned, ended, end read, directory removed), one after the other and two at a time, beside
 * /bin/true alone and beside a shim that only finds its arguments wrong. */
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

enum { ATTEMPTS = 500, AT_ONCE_MAX = 2, PATH_BYTES = 256 };

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

static void attempts(char *shim, int at_once)
{
    pid_t pids[AT_ONCE_MAX];
    int number[AT_ONCE_MAX], begun = 0;
    for (; begun < at_once; begun++) {
        number[begun] = begun;
        pids[begun] = begin_attempt(shim, begun);
    }
    for (int done = 0; done < ATTEMPTS; done++) {
        int status, k = 0;
        pid_t pid = waitpid(-1, &status, 0);
        check(pid > 0 && status == 0);
        while (pids[k] != pid)
            k++;
        finish_attempt(number[k]);
        if (begun < ATTEMPTS) {
            number[k] = begun;
            pids[k] = begin_attempt(shim, begun++);
        }
    }
}

static void alone(char *program)
{
    char *argv[] = {program, NULL};
    for (int i = 0; i < ATTEMPTS; i++)
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

static void report(const char *what, double began)
{
    double s = now_s() - began;
    printf("%s\t%.0f\t/s\t%.2f ms each, CPU %.2f ms\n", what, ATTEMPTS / s, 1e3 * s / ATTEMPTS,
           1e3 * cpu_s() / ATTEMPTS);
}

int main(void)
{
    char shim[] = SHIM_PATH, program[] = "/bin/true";
    check(mkdtemp(run_dir) && freopen("/dev/null", "w", stderr));
    double began = now_s();
    alone(program);
    report("posix_spawn /bin/true and wait", began);
    began = now_s();
    alone(shim);
    report("besom-shim, wrong usage", began);
    began = now_s();
    attempts(shim, 1);
    report("attempts of /bin/true, one at a time", began);
    began = now_s();
    attempts(shim, 2);
    report("attempts of /bin/true, two at a time", began);
    char rm[] = "/bin/rm", how[] = "-rf";
    waitpid(spawn((char *[]){rm, how, run_dir, NULL}), NULL, 0);
    return 0;
}
