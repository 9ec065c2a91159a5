/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "cli/complain.h"
#include "cli/print/terminal.h"

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
        terminal_print(stdout, "%s", buf_str(&text));
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

enum { LOG_PATH_BYTES = PATH_MAX + 64 };

static void log_path(char out[LOG_PATH_BYTES], const char *store, const char *sweep)
{
    snprintf(out, LOG_PATH_BYTES, "%s/run-%s.log", store, sweep);
}

int detach_check(const char *store, const char *sweep, struct err *err)
{
    char path[LOG_PATH_BYTES];
    struct stat st;
    log_path(path, store, sweep);
    if (lstat(path, &st) < 0 || S_ISREG(st.st_mode))
        return 0;
    if (S_ISLNK(st.st_mode))
        return err_set(err, ERR_DAMAGED, "%s is a symbolic link: remove it", path);
    return err_set(err, ERR_DAMAGED, "%s is not a regular file: move it away", path);
}

void detach_done(int fd, const char *store, const char *sweep, bool here)
{
    char path[LOG_PATH_BYTES];
    log_path(path, store, sweep);
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (log < 0)
        terminal_print(stderr, "besom: cannot write %s: %s\n", path, strerror(errno));
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
