/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Control groups (v2) of attempts that were granted memory or cores: the kernel holds training to
 * them. Only below a group that is ours to divide: its member CGROUP_LEAF holds this process, as
 * systemd's DelegateSubgroup makes it, since a group that is divided may have no process itself.
 * An attempt's group has the name of its directory; its shim enters it. For tests: $BESOM_CGROUP is
 * the folder of this process's group. */
#include <stdbool.h>
#include "base/arena.h"
#include "base/err.h"

#define CGROUP_LEAF "besom.agent"

enum { CGROUP_PATH_BYTES = 4096 };

struct value;

struct cgroup {
    char path[CGROUP_PATH_BYTES]; /* the group that is ours; "": there is none */
    bool memory, cpu;             /* what can be limited in it */
};

/* Finds the group that is ours and has its controllers enabled. An error: it is ours, but nothing
 * can be limited in it. */
NODISCARD int cgroup_init(struct cgroup *c, struct err *err);
/* The folder of the attempt's group; NULL: it needs none, or cannot have one. */
const char *cgroup_path(struct arena *a, const struct cgroup *c, const char *attempt_dir,
                        const struct value *grant);
/* Creates it, with the limits of the grant. */
NODISCARD int cgroup_make(struct arena *a, const char *path, const struct cgroup *c,
                          const struct value *grant, struct err *err);
/* Kills what is in the attempt's group: its shim must be dead, or be meant to die. */
void cgroup_kill(struct arena *a, const struct cgroup *c, const char *attempt_dir);
/* Removes the attempt's group, if it has one and no process is in it. */
void cgroup_remove(struct arena *a, const struct cgroup *c, const char *attempt_dir);
/* Removes the groups without a process of whose names `is_of_past` is true. */
void cgroup_clean(const struct cgroup *c, bool (*is_of_past)(void *arg, const char *name),
                  void *arg);
