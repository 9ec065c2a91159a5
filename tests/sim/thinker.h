/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Proposals off the loop, as orchestrator/thinker.c has them made: a strategy a sweep, made from the
 * store at its first question and told of the results since then with each that follows. An answer
 * takes its time, whatever else happens: its sweep may have ended or been forgotten by then. */
#include "orchestrator/core/question.h"
#include "tests/sim/sweeps.h"

struct thinker;

typedef void (*thinker_fn)(struct sim *s, const struct question_answer *answer);

struct thinker *thinker_new(struct sim *s, thinker_fn answered);
void thinker_free(struct thinker *t); /* questions under way are not answered any more */
void thinker_ask(struct thinker *t, const struct effect *e);
/* The store has the facts up to this number: a first question waits for those that it is to know. */
void thinker_durable(struct thinker *t, uint64_t seq);
void thinker_report(struct thinker *t, const char *sweep, const struct question_report *report);
void thinker_forget(struct thinker *t, const char *sweep); /* it has ended */
bool thinker_is_idle(const struct thinker *t);
