/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Proposals off the loop: the strategy of each sweep lives on a thread, is made there from the store
 * at its first question, and is told how trials stand since then with each question that follows.
 * A question is answered from the loop, in its order. Decides nothing: what is asked, and when, is
 * the controller's; when it is thought about, and what is told with it, is orchestrator/core/question.h's. */
#include "orchestrator/core/question.h"

struct uv_loop_s;
struct thinker;

struct thinker_config {
    struct uv_loop_s *loop;
    const char *dir; /* of the store: looked at from the threads */
    void (*answered)(void *arg, const struct question_answer *answer);
    void *arg;
};

/* config's strings must outlive it. */
struct thinker *thinker_new(const struct thinker_config *config);
/* Asks for proposals that know all facts up to `known`; one question a sweep at a time. */
void thinker_ask(struct thinker *t, const struct book_sweep *s, const struct effect *e);
/* The store has the facts up to this number. The first question of a sweep waits for those that it is
 * to know: its strategy is made from the store. */
void thinker_durable(struct thinker *t, uint64_t seq);
/* Kept for the next question of the sweep, if it needs that. */
void thinker_report(struct thinker *t, const char *sweep, const struct question_report *report);
void thinker_forget(struct thinker *t, const char *sweep); /* it has ended */
/* Questions under way are thought to their end, unanswered; the loop must run on until then. */
void thinker_close(struct thinker *t);
void thinker_free(struct thinker *t); /* after that */
