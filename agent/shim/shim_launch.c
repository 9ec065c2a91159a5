/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim/shim_launch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs in the child, on the parent's memory, while the parent waits (vfork): it may only make
 * system calls. The parent then reads *failed. */
static void become_training(const struct shim_launch *l, pid_t shim, volatile int *failed)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != shim)
        _exit(1); /* the shim died before the call above took effect */
    setpgid(0, 0);
    for (int s = 1; s <= SIGSYS; s++)
        if (s != SIGKILL && s != SIGSTOP)
            sigaction(s, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(l->out, STDOUT_FILENO) < 0 || dup2(l->err, STDERR_FILENO) < 0) {
        *failed = errno;
        _exit(1);
    }
    execvp(l->argv[0], l->argv);
    *failed = errno;
    _exit(1);
}

__attribute__((noinline)) static pid_t launch(const struct shim_launch *l, volatile int *failed)
{
    pid_t shim = getpid();
    pid_t pid = vfork();
    if (pid == 0)
        become_training(l, shim, failed);
    if (pid < 0)
        *failed = errno;
    return pid;
}

pid_t shim_launch_start(const struct shim_launch *l, char *error, size_t error_bytes)
{
    volatile int failed = 0;
    pid_t pid = launch(l, &failed);
    if (failed == 0)
        return pid;
    if (pid > 0)
        waitpid(pid, NULL, 0);
    if (pid < 0)
        snprintf(error, error_bytes, "cannot start a process: %s", strerror(failed));
    else
        snprintf(error, error_bytes, "%s: %s", l->argv[0], strerror(failed));
    errno = failed;
    return -1;
}
