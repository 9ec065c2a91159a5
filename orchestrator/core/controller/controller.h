/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The controller's core: a pure machine. An event comes in with its time; effects come out in
 * order. Whatever follows an EFFECT_PERSIST must wait until that fact is durable. It has folded
 * each fact that it emits into its books already. Knows no clock, socket, file or thread. */
#include "orchestrator/core/controller/controller_state.h"

enum { CONTROLLER_LOST_MS = 60000 /* an agent away for longer has lost its attempts */ };

/* Takes over the books, as they were loaded, and indexes them. ERR_DAMAGED where they cannot be:
 * then nothing was taken over. No trial is launched before its sweep is admitted. */
NODISCARD int controller_init(struct controller *c, const char *store, uint64_t epoch,
                              int64_t now_ms, struct books *books, struct err *err);
/* Takes over a sweep that has ended and that the books do not hold: it is to run again. Where it does
 * not, it leaves the memory as any other that has ended. */
void controller_take_sweep(struct controller *c, struct book_sweep *s, int64_t now_ms);
void controller_done(struct controller *c);
void controller_step(struct controller *c, const struct event *ev, struct effects *out);
/* When a tick is next wanted, on the steady clock; INT64_MAX: never. */
int64_t controller_deadline(const struct controller *c);
/* Trials that run, of the sweeps that are admitted. After EVENT_SHUTDOWN these are waited for. */
uint64_t controller_running(const struct controller *c);
bool controller_is_full(const struct controller *c); /* agents offer slots, and none is free */
/* What must hold between steps; ends the process where it does not. Looks at all there is: for tests
 * and the simulator. */
void controller_check(const struct controller *c);
