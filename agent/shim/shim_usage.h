/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What training used of its host in all, as the kernel counted it for the processes that the shim has
 * reaped: the last line of SHIM_SYSTEM_FILE, and what an end for lack of memory says. */
#include <stddef.h>
#include <stdint.h>

/* Appends the line to the file in dir. A failure is ignored: the line is not worth an end. */
void shim_usage_write(const char *dir, int64_t wall_ms);
/* "out of memory: its largest process had 31.2 GiB of 32 GiB". events: of the memory cgroup, beside
 * whose file is the limit; "": unknown. */
void shim_usage_print_oom(char *out, size_t bytes, const char *events);
