/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The controller's core: a pure machine. Its input is events with their times, its output effects
 * in order. All effects after an EFFECT_PERSIST must wait until that fact is durable. Each fact
 * that it emits is in its books already. Knows no clock, socket, file or thread. */
#include "orchestrator/core/controller/controller_state.h"

enum {
    CONTROLLER_LOST_MS = 60000,  /* an agent away for longer has lost its attempts */
    CONTROLLER_BEAT_MS = 10000,  /* while there are agents, a tick is wanted so often … */
    CONTROLLER_PAUSE_MS = 30000, /* … and a step that comes so much later follows a suspension */
};

/* Takes ownership of the loaded books and indexes them. ERR_DAMAGED if they cannot be indexed:
 * then ownership stays with the caller. No trial is launched before its sweep is admitted. */
NODISCARD int controller_init(struct controller *c, const char *store, uint64_t epoch,
                              int64_t now_ms, struct books *books, struct err *err);
/* Takes ownership of an ended sweep that is not in the books, to run it again. If it does not run,
 * it is freed later like any other ended sweep. */
void controller_take_sweep(struct controller *c, struct book_sweep *s, int64_t now_ms);
/* Takes ownership of a trial that ended as lost, which the sweep's books do not have, with its values
 * at the rungs. It is freed again like any other that has ended, unless it continues. */
void controller_take_trial(struct controller *c, const char *sweep, struct book_trial *t,
                           const double *rungs, size_t n);
void controller_done(struct controller *c);
void controller_step(struct controller *c, const struct event *ev, struct effects *out);
/* When a tick is next wanted, on the steady clock; INT64_MAX: never. */
int64_t controller_deadline(const struct controller *c);
/* How many trials of admitted sweeps are running. After EVENT_SHUTDOWN the process waits for them. */
uint64_t controller_running(const struct controller *c);
/* Whether a sweep has more to run that was left to this process for good (COMMAND_KEEP). */
bool controller_keeps(const struct controller *c);
bool controller_is_full(const struct controller *c); /* agents offer slots, and none is free */
/* Checks the invariants between steps; ends the process if one is violated. Visits all data: for
 * tests and the simulator. */
void controller_check(const struct controller *c);
