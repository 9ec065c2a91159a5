/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_clock TIMES COMMAND…: runs a command, its input empty and its output not kept, and prints the
 * least of each: milliseconds, milliseconds of CPU, peak kilobytes resident; then its exit status.
 * A program of its own since the peak of a process that a script spawns begins at the script's. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static double ms_of(struct timeval t)
{
    return 1e3 * (double)t.tv_sec + 1e-3 * (double)t.tv_usec;
}

struct figures {
    double ms, cpu_ms;
    long kb;
    int status;
};

static struct figures run_once(char **argv, const posix_spawn_file_actions_t *files)
{
    struct figures f = {0};
    struct rusage used;
    pid_t pid;
    double began = now_ms();
    if (posix_spawn(&pid, argv[0], files, NULL, argv, environ) != 0 ||
        wait4(pid, &f.status, 0, &used) != pid) {
        perror(argv[0]);
        exit(2);
    }
    f.ms = now_ms() - began;
    f.cpu_ms = ms_of(used.ru_utime) + ms_of(used.ru_stime);
    f.kb = used.ru_maxrss;
    return f;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s TIMES COMMAND…\n", argv[0]);
        return 2;
    }
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    for (int fd = 0; fd <= 2; fd++)
        posix_spawn_file_actions_addopen(&files, fd, "/dev/null", fd ? O_WRONLY : O_RDONLY, 0);
    struct figures least = run_once(argv + 2, &files);
    for (long left = strtol(argv[1], NULL, 10) - 1; left > 0; left--) {
        struct figures f = run_once(argv + 2, &files);
        least.ms = f.ms < least.ms ? f.ms : least.ms;
        least.cpu_ms = f.cpu_ms < least.cpu_ms ? f.cpu_ms : least.cpu_ms;
        least.kb = f.kb < least.kb ? f.kb : least.kb;
    }
    posix_spawn_file_actions_destroy(&files);
    printf("%.2f %.2f %ld %d\n", least.ms, least.cpu_ms, least.kb,
           WIFEXITED(least.status) ? WEXITSTATUS(least.status) : 128 + WTERMSIG(least.status));
    return 0;
}
