/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The only way to change the books: a fact is folded and emitted. */
#include "orchestrator/core/controller/controller_state.h"

/* Folds the fact into the books and the indexes, and emits it; its seq and time are filled in. If
 * it does not fit, returns the error of the books and changes nothing. */
NODISCARD int controller_record_try(struct controller *c, const struct event *ev,
                                    struct effects *out, struct fact *f, struct err *err);
/* The same for a fact that must fit; ends the process if it does not. */
void controller_record(struct controller *c, const struct event *ev, struct effects *out,
                       struct fact *f);
/* The same for a fact about a sweep's own state. */
void controller_record_sweep(struct controller *c, const struct event *ev, struct book_sweep *s,
                             enum sweep_state state, enum trial_reason reason, const char *text,
                             struct effects *out);
/* The sweep, which has ended, runs what somebody asks for now, and nothing else. */
void controller_record_asked(struct controller *c, const struct event *ev, struct book_sweep *s,
                             struct effects *out);
/* Cancels the pending trials of a sweep that starts no more trials. */
void controller_record_cancelled(struct controller *c, const struct event *ev, struct book_sweep *s,
                                 enum trial_reason reason, struct effects *out);
