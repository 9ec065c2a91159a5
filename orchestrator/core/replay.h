/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Derives the decisions of a sweep again from its facts, in their order. The strategy proposes from
 * the facts that each recorded proposal knew, and the rule judges each report. Both results are
 * compared with the recorded decisions. Pure. */
#include "orchestrator/core/books.h"
#include "strategies/strategy.h"

struct replay {
    char sweep[16];
    const struct strategy_type *type; /* may be set before the first fact; NULL: the method's */
    struct books books;
    struct strategy *strategy;
    struct replay_report
        *reports; /* changes that the strategy has not been told yet, oldest first */
    size_t reports_n, reports_cap, told;
    bool
        edited; /* set by the caller if a fact edits the spec: then the next two members are kept */
    struct replay_past *past; /* the earlier trials, for the strategy of the new spec */
    size_t past_n, past_cap;
    uint64_t proposals, stops; /* compared, including the first difference */
    uint64_t due;              /* 1 + trial that the rule stops: the next fact must say so */
    bool differs;              /* nothing is compared from then on */
    uint64_t trial;            /* that differs */
    struct buf difference;     /* what differs, as a sentence without the trial's name */
    struct arena kept;         /* of prior */
    const struct value *prior; /* the sweep's, or NULL */
    struct arena arena;        /* of one fact */
};

void replay_init(struct replay *r, const char *sweep);
void replay_done(struct replay *r);
/* Handles the next fact; ignores those of other sweeps. Fails if the facts do not fit together, or
 * if the strategy cannot be made. */
NODISCARD int replay_fact(struct replay *r, const struct fact *f, struct err *err);
/* Records a difference that the caller has found; only the first one is kept. */
void replay_differs(struct replay *r, uint64_t trial, const char *fmt, ...) PRINTF_LIKE(3, 4);
