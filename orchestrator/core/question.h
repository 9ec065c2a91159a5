/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A sweep's questions to its strategy, one at a time: when the strategy may work on a question,
 * and which results it knows when it answers. The strategy is made from the store at the first
 * question; each later question brings the changes of trials. During the work the thread owns the
 * marked members. Knows no thread and no store. */
#include "orchestrator/core/books.h"
#include "orchestrator/core/effects.h"
#include "orchestrator/core/event.h"
#include "strategies/strategy.h"

struct question_report { /* the state of a trial as of fact `seq` */
    uint64_t number, seq;
    struct history_fate fate;
};

struct question_reports {
    struct question_report *items;
    size_t n, cap;
    struct map by_number; /* number -> 1 + place in items: only the newest of a trial counts */
};

struct question {
    bool learns;                     /* the strategy is told of results */
    bool asked, held, forgotten;     /* held: the question waits for the store */
    struct question_reports waiting; /* since the last question */
    struct question_reports told;    /* the thread's: with this question */
    bool made;                       /* the thread's: there is a strategy */
    uint64_t loaded;                 /* the thread's: the facts that it was made from */
    uint32_t wanted;                 /* the thread's */
    uint64_t asker;                  /* given back with the answer */
    uint64_t known; /* the thread's: the answer knows the facts up to this number */
};

/* Valid during the call that it is given to. */
struct question_answer {
    const char *sweep;
    uint64_t asker;
    const struct proposal *proposals;
    size_t n;
    uint64_t known; /* the facts up to this number were known, and none after it */
    int code;       /* 0, ERR_EXHAUSTED, or what else kept it from proposing as many as wanted */
    const char *text;
};

void question_init(struct question *q, bool learns);
void question_done(struct question *q);
/* `durable`: the store has the facts up to this number. False where the question is held. */
NODISCARD bool question_ask(struct question *q, const struct effect *e, uint64_t durable);
/* True if the question was held and the strategy may now work on it. */
NODISCARD bool question_release(struct question *q, uint64_t durable);
void question_report(struct question *q, const struct question_report *report);
/* Call on the thread: the strategy was made from the store's rows as of fact `loaded`. */
void question_made(struct question *q, uint64_t loaded);
/* Call on the thread, before it proposes. */
void question_tell(struct question *q, struct strategy *strategy);
/* Fills in what is the question's own: who asked, and what the answer knows. */
void question_answered(struct question *q, struct question_answer *ret);
/* The sweep has ended. True if no thread works on the question: it may be freed now. Otherwise
 * free it when it has been answered. */
NODISCARD bool question_forget(struct question *q);

/* The sweep continues after a pause or its end, and its strategy learns: what it has proposed and
 * nobody has used does not know the results that have come since. The controller drops these
 * proposals, and the strategy is made again. */
bool question_is_renewed(const struct book_sweep *s, const struct fact *f);
enum question_news { QUESTION_NOTHING, QUESTION_REPORT, QUESTION_FORGET };
/* Converts a fact, which the books have folded, to a change for the strategy of its sweep. */
enum question_news question_news(const struct books *b, const struct fact *f,
                                 struct question_report *ret);
/* Fills in an EVENT_PROPOSED, with copies. */
void question_fill_event(struct event *ev, struct arena *a, const struct question_answer *answer);
