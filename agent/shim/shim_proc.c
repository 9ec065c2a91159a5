/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim/shim_proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"

enum { KERNEL_THREAD = 0x00200000 }; /* PF_KTHREAD in linux/sched.h */

bool shim_proc_read(pid_t pid, struct shim_proc *ret)
{
    char path[40], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    /* The name in parentheses may hold anything, parentheses too: the last one ends it. */
    const char *rest = strrchr(text, ')');
    char state;
    int parent, group, session;
    unsigned flags;
    unsigned long long start;
    if (!rest || sscanf(rest + 1,
                        " %c %d %d %d %*s %*s %u %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
                        "%llu",
                        &state, &parent, &group, &session, &flags, &start) != 6)
        return false;
    *ret = (struct shim_proc){.pid = pid,
                              .parent = parent,
                              .group = group,
                              .session = session,
                              .start = start,
                              .zombie = state == 'Z' || state == 'X',
                              .kernel = (flags & KERNEL_THREAD) != 0};
    return true;
}

/* By number: one of the C libraries that the shim is built with has no names for these calls. */
void shim_proc_signal(const struct shim_proc *p, int signal)
{
    int fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    if (fd < 0)
        return;
    struct shim_proc now;
    if (shim_proc_read(p->pid, &now) && now.start == p->start)
        syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0);
    close(fd);
}

void shim_procs_init(struct shim_procs *ps)
{
    *ps = (struct shim_procs){0};
}

void shim_procs_done(struct shim_procs *ps)
{
    mem_free(ps->items);
    shim_procs_init(ps);
}

void shim_procs_list(struct shim_procs *ps)
{
    ps->n = 0;
    DIR *proc = opendir("/proc");
    if (!proc)
        return;
    for (const struct dirent *e; (e = readdir(proc));) {
        char *end;
        long pid = strtol(e->d_name, &end, 10);
        if (pid <= 0 || *end)
            continue;
        ps->items = mem_grow(ps->items, &ps->cap, ps->n + 1, sizeof *ps->items);
        if (shim_proc_read((pid_t)pid, &ps->items[ps->n]))
            ps->n++;
    }
    closedir(proc);
}

static int by_pid(const void *a, const void *b)
{
    pid_t pa = ((const struct shim_proc *)a)->pid, pb = ((const struct shim_proc *)b)->pid;
    return (pa > pb) - (pa < pb);
}

size_t shim_procs_mark_descendants(struct shim_procs *ps, pid_t ancestor)
{
    qsort(ps->items, ps->n, sizeof *ps->items, by_pid);
    size_t marked = 0;
    /* Pids wrap, so a child may come before its parent: repeat until nothing is added. */
    for (bool added = true; added;) {
        added = false;
        for (size_t i = 0; i < ps->n; i++) {
            struct shim_proc *p = &ps->items[i];
            if (p->marked || p->pid == ancestor)
                continue;
            const struct shim_proc key = {.pid = p->parent};
            const struct shim_proc *parent =
                bsearch(&key, ps->items, ps->n, sizeof *ps->items, by_pid);
            if (p->parent == ancestor || (parent && parent->marked)) {
                p->marked = true;
                marked += !p->zombie;
                added = true;
            }
        }
    }
    return marked;
}
