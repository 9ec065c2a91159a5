/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run/child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/print/terminal.h"

enum { EXIT_NOT_STARTED = 127, EXIT_SIGNAL = 128 };

static volatile sig_atomic_t running;

static void signal_forward(int number)
{
    if (running > 0)
        kill((pid_t)running, number);
}

static _Noreturn void child_start(const struct child *c, const struct sigaction *interrupt)
{
    sigaction(SIGINT, interrupt, NULL);
    if (!c->cwd || chdir(c->cwd) == 0)
        execvpe(c->argv[0], c->argv, c->env ? c->env : environ);
    terminal_print(stderr, "besom: %s: %s\n", c->argv[0], strerror(errno));
    _exit(EXIT_NOT_STARTED);
}

int child_run(const struct child *c, int *ret, struct err *err)
{
    static const int forwarded[] = {SIGTERM, SIGHUP};
    struct sigaction interrupt;
    int status = 0;
    for (size_t i = 0; i < sizeof forwarded / sizeof *forwarded; i++)
        sigaction(forwarded[i], &(struct sigaction){.sa_handler = signal_forward}, NULL);
    sigaction(SIGINT, &(struct sigaction){.sa_handler = SIG_IGN}, &interrupt);
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0)
        return err_set(err, ERR_IO, "cannot start a process: %s", strerror(errno));
    if (pid == 0)
        child_start(c, &interrupt);
    running = pid;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    running = 0;
    *ret = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNAL + WTERMSIG(status);
    return 0;
}
