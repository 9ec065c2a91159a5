/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "cli/complain.h"

/* The child has sent what to print, or has ended. */
static void parent_wait(pid_t child, int fd)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    for (;;) {
        char *room = buf_reserve(&text, 1024);
        ssize_t n = read(fd, room, 1024);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        buf_commit(&text, (size_t)n);
    }
    if (text.len > 0) {
        fputs(buf_str(&text), stdout);
        fflush(stdout);
        _exit(COMPLAIN_DONE);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : COMPLAIN_FAILED);
}

int detach_begin(void)
{
    int fds[2];
    check(pipe2(fds, O_CLOEXEC) == 0);
    fflush(NULL);
    pid_t child = fork();
    check(child >= 0);
    if (child > 0) {
        close(fds[1]);
        parent_wait(child, fds[0]);
    }
    close(fds[0]);
    setsid();
    sigaction(SIGHUP, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    return fds[1];
}

void detach_done(int fd, const char *store, const char *sweep, bool here)
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/run-%s.log", store, sweep);
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (log < 0)
        fprintf(stderr, "besom: cannot write %s: %s\n", path, strerror(errno));
    fflush(NULL);
    if (log >= 0) {
        dup2(log, STDOUT_FILENO);
        dup2(log, STDERR_FILENO);
        close(log);
    }
    if (nothing >= 0) {
        dup2(nothing, STDIN_FILENO);
        close(nothing);
    }
    dprintf(fd,
            "Sweep %s %s in the background as process %ld; its output goes to %s\n"
            "look: besom show %s; stop: besom stop %s",
            sweep, here ? "runs" : "is followed", (long)getpid(), path, sweep, sweep);
    if (here)
        dprintf(fd, ", or kill %ld to interrupt it", (long)getpid());
    dprintf(fd, "\n");
    close(fd);
}
