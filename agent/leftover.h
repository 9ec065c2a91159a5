/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Ends the processes that attempts left running when their shims were killed. A process belongs to
 * an attempt when BESOM_ATTEMPT_DIR in its environment names the attempt's directory (that very
 * directory, and not one that has its path elsewhere), or when it has no such variable and is in
 * the session of the dead shim and in its training's process group (some programs overwrite their
 * environment). No other process is ever signalled. */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "base/err.h"

#define LEFTOVER_TAG "BESOM_ATTEMPT_DIR" /* the agent sets it to DIR in all that it launches */

/* One pass over /proc: SIGKILLs what belongs to attempts under run_dir that have no living shim.
 * Returns how many it found; 0 means that none is left. Shims that were started but have not
 * claimed their directory yet are among them: for the start of an agent, before it probes or
 * launches. */
size_t leftover_kill(const char *run_dir);

/* As leftover_kill, for one attempt whose shim is known to be dead. */
size_t leftover_kill_attempt(const char *attempt_dir);

/* Like leftover_kill_attempt, but also kills the shim if it is alive: for a shim that reacts to no
 * signal. */
size_t leftover_kill_all(const char *attempt_dir);

/* Passes of leftover_kill until none is left, blocking for at most max_ms. Returns how many were
 * there at the last pass: 0, or some that SIGKILL does not end. */
size_t leftover_sweep(const char *run_dir, unsigned max_ms);

/* The name of the attempt under run_dir that a process belongs to, by its environment; false if it
 * belongs to none. */
enum { LEFTOVER_NAME_BYTES = 128 };
bool leftover_attempt_of(const char *run_dir, pid_t pid, char ret_name[LEFTOVER_NAME_BYTES]);
