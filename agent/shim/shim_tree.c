/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim/shim_tree.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/shim/shim_proc.h"

void shim_tree_signal(const struct shim_tree *t, int signal)
{
    struct shim_procs ps;
    shim_procs_init(&ps);
    /* Listed before the first signal: once a process has ended, its children no longer lead to
     * it. */
    shim_procs_list(&ps);
    shim_procs_mark_descendants(&ps, getpid());
    if (t->training > 0)
        kill(-t->training, signal);
    for (size_t i = 0; i < ps.n; i++) {
        const struct shim_proc *p = &ps.items[i];
        if (p->marked && !p->zombie && (t->training == 0 || p->group != t->training))
            shim_proc_signal(p, signal);
    }
    shim_procs_done(&ps);
}

struct shim_reaped shim_tree_reap(struct shim_tree *t)
{
    struct shim_reaped r = {0};
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid <= 0) {
            r.none_left = pid < 0;
            return r;
        }
        if (pid == t->training && !r.training) {
            r.training = true;
            t->training = 0; /* reaped, so its number may soon be somebody else's */
            r.status = status;
        }
    }
}
