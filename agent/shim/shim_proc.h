/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The process table of /proc: enough to find the descendants of a process. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct shim_proc {
    pid_t pid, parent, group, session;
    uint64_t start; /* clock ticks since boot: together with the pid it identifies a process */
    bool zombie;
    bool kernel; /* a thread of the kernel's */
    bool marked; /* the caller's */
};

struct shim_procs {
    struct shim_proc *items; /* by rising pid as /proc lists them */
    size_t n, cap;
};

/* False where there is no such process. */
bool shim_proc_read(pid_t pid, struct shim_proc *ret);
/* Signals exactly this process, never a later one with the same pid. */
void shim_proc_signal(const struct shim_proc *p, int signal);

void shim_procs_init(struct shim_procs *ps);
void shim_procs_done(struct shim_procs *ps);
void shim_procs_list(struct shim_procs *ps); /* replaces what it held */
/* Marks all descendants of ancestor, but not ancestor itself. Returns how many there are, zombies
 * not counted. */
size_t shim_procs_mark_descendants(struct shim_procs *ps, pid_t ancestor);
