/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How often the kernel has killed processes in the shim's memory cgroup because it was out of
 * memory: oom_kill of memory.events (v2) or memory.oom_control (v1). */
#include <stdbool.h>
#include <stdint.h>

/* An environment variable that names the file; tests use it. */
#define SHIM_OOM_ENV "BESOM_MEMORY_EVENTS"

enum { SHIM_OOM_PATH_BYTES = 4096 };

struct shim_oom {
    char path[SHIM_OOM_PATH_BYTES]; /* "": there is no counter */
    uint64_t before;
};

/* cgroup: the folder of the group that the shim has entered; NULL: it is to be found. */
void shim_oom_init(struct shim_oom *o, const char *cgroup);
uint64_t shim_oom_since(const struct shim_oom *o); /* kills since init */
