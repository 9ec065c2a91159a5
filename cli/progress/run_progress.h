/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What `besom run` shows while it runs: turns facts that became durable into the lines and the
 * status of cli/progress/progress.h. */
#include "orchestrator/core/books.h"

struct run_progress;

struct run_progress_how {
    bool quiet, json; /* json: each event is an object on a line */
};

/* store: its folder, the caller's; logs of trials that fail are read there. */
struct run_progress *run_progress_new(const char *store, const struct run_progress_how *how);
void run_progress_free(struct run_progress *p);
/* A fact of the store; those of other sweeps are passed over. The books have folded it already. */
void run_progress_fact(struct run_progress *p, const struct book_sweep *s, const struct fact *f);
/* Something has changed, or a second has passed. */
void run_progress_look(struct run_progress *p, const struct book_sweep *s);
/* No slot is free. Says once what the sweep waits for, if other sweeps have all slots. */
void run_progress_full(struct run_progress *p, const struct books *books,
                       const struct book_sweep *s);
void run_progress_slots(struct run_progress *p, uint64_t slots);
/* What the keyboard does, at the right of the first line; NULL: nothing. The caller's. */
void run_progress_keys(struct run_progress *p, const char *keys);
/* Shows a question in the block until it is answered: then NULL. */
void run_progress_ask(struct run_progress *p, const char *question);
/* The terminal has another size, or its contents are not as they were: then forget comes first. */
void run_progress_redraw(struct run_progress *p);
void run_progress_forget(struct run_progress *p);
void run_progress_say(struct run_progress *p, const char *line);
void run_progress_done(struct run_progress *p);
/* Why the sweep paused itself, and what to type after "besom run" to continue. log: with the last
 * lines of the trial that failed last, if no summary follows that has them. */
void run_progress_paused(const struct run_progress *p, const char *again,
                         const struct book_sweep *s, bool log);
