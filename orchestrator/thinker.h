/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Makes proposals on threads: the strategy of each sweep is on a thread. It is created there from
 * the store at its first question; each later question brings the trials' changes since then.
 * Answers are passed on from the loop, in order. Decides nothing: the controller decides what to
 * ask and when; orchestrator/core/question.h decides when to work on a question and which changes
 * it brings. */
#include "orchestrator/core/question.h"

struct uv_loop_s;
struct thinker;

struct thinker_config {
    struct uv_loop_s *loop;
    const char *dir; /* of the store: read by the threads */
    void (*answered)(void *arg, const struct question_answer *answer);
    void *arg;
};

struct thinker *thinker_new(const struct thinker_config *config);
/* Asks for proposals that know all facts up to `known`; one question at a time for each sweep. */
void thinker_ask(struct thinker *t, const struct book_sweep *s, const struct effect *e);
/* The store has the facts up to this number. The first question of a sweep waits for the facts
 * that it must know: its strategy is made from the store. */
void thinker_durable(struct thinker *t, uint64_t seq);
/* Keeps a change for the next question of the sweep, if the strategy needs it. */
void thinker_report(struct thinker *t, const char *sweep, const struct question_report *report);
void thinker_forget(struct thinker *t, const char *sweep); /* it has ended */
/* Gives up the questions: nothing is answered any more, and no proposal is recorded. A thread that is
 * thinking is left to itself (worker_leave()): then the process must end by _exit(). The loop must
 * continue until the other threads have ended. */
void thinker_close(struct thinker *t);
void thinker_free(struct thinker *t); /* after that */
