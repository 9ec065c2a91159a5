/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Commits off the loop: a thread writes the facts of one batch (orchestrator/core/batches.h) to the
 * store, while the loop steps the controller and the next batch gathers. The thread also tidies the
 * store in between. Decides nothing. */
#include "orchestrator/core/batches.h"

struct store;
struct uv_loop_s;
struct writer;

struct writer_config {
    struct uv_loop_s *loop;
    struct store *store;
    struct books *books;
    struct batches_handler handler; /* after the close begins, effects are not executed any more */
    void (*written)(void *arg);     /* the thread has written a batch, whose effects were
                                     * executed */
    /* A write has failed. Must not return. */
    void (*failed)(void *arg, const struct err *err);
    void (*untidy)(void *arg); /* it has tidied, and there is more */
    void *arg;
};

NODISCARD int writer_start(const struct writer_config *config, struct writer **ret,
                           struct err *err);
struct batches *writer_batches(struct writer *w);
/* Passes the open batch to the thread, unless it is writing. The effects of a batch without facts
 * are executed at once. */
void writer_flush(struct writer *w);
bool writer_is_writing(const struct writer *w);
/* After what waits to be written. Without `folds`, the facts stay as they are, and only the log is kept small. */
void writer_tidy(struct writer *w, bool folds);
/* The batch that is being written is still written. The rest is dropped with the effects that wait
 * for it, as in a crash. The loop must continue until then. Both take NULL. */
void writer_close(struct writer *w);
void writer_free(struct writer *w);
