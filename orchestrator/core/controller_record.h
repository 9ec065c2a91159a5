/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The one way in which the controller makes something so: a fact, folded and emitted. */
#include "orchestrator/core/controller_state.h"

/* Folds the fact into the books and the indexes, and emits it; its seq and time are filled in. What
 * the books say where it does not fit: then nothing has changed. */
NODISCARD int controller_record_try(struct controller *c, const struct event *ev,
                                    struct effects *out, struct fact *f, struct err *err);
/* The same for one that must fit: else it is a bug. */
void controller_record(struct controller *c, const struct event *ev, struct effects *out,
                       struct fact *f);
/* The same for a fact about a sweep's own state. */
void controller_record_sweep(struct controller *c, const struct event *ev, struct book_sweep *s,
                             enum sweep_state state, enum trial_reason reason, const char *text,
                             struct effects *out);
/* The pending trials of a sweep that starts no more become cancelled. */
void controller_record_cancelled(struct controller *c, const struct event *ev, struct book_sweep *s,
                                 enum trial_reason reason, struct effects *out);
