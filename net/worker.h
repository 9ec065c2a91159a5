/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A thread for work that would block the loop: commits, proposals. It runs one job after another;
 * finished jobs return to the loop in the order in which they were pushed. Call all functions here
 * from the loop: only `run` runs on the thread. */
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>
#include "base/err.h"

struct worker;
typedef void (*worker_fn)(void *arg);

NODISCARD int worker_start(uv_loop_t *loop, struct worker **ret, struct err *err);
/* run(arg) on the thread, then done(arg) on the loop. done may push again. */
void worker_push(struct worker *w, worker_fn run, worker_fn done, void *arg);
size_t worker_waiting(const struct worker *w); /* jobs pushed whose done was not called yet */
/* Every job that was pushed is still run and its done called; the loop must run on until then. The
 * worker joins its thread and frees itself. Takes NULL; nothing may be pushed after it. */
void worker_close(struct worker *w);
/* Like worker_close(), but does not wait for work: a job that has not begun is never run, only its done
 * is called. True if a job was running: its thread and the worker are left as they are, no done is
 * called any more, what the job uses must never be freed, and the process must end by _exit(). */
bool worker_leave(struct worker *w);
/* Whether worker_leave() has ever left a job running. */
bool worker_has_left(void);
