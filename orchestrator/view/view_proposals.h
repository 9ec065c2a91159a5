/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The proposals of a sweep and the states of its trials, at one moment of the store: a strategy is
 * made from them. */
#include "language/spec.h"
#include "orchestrator/view/view.h"
#include "sweep/history.h"

struct view_proposal {
    uint64_t number, cursor;
    const struct value *params; /* valid during the call */
    struct history_fate fate;
};

/* Calls fn for each trial of a sweep of that spec, in the order of numbers; for none if the store
 * does not know the sweep yet. spec: NULL if only the first objective is needed. ret_seq: the number of the last fact that the rows know. */
NODISCARD int view_proposals(struct view *v, const char *sweep, const struct spec *spec,
                             uint64_t *ret_seq,
                             void (*fn)(void *arg, const struct view_proposal *p), void *arg,
                             struct err *err);
/* What is known of the code that the sweep runs (agent/code/code_record.h); NULL if nothing is. */
/* Appends {"agent","code","seen"} for each agent that has told what the folder of the sweep holds there,
 * the latest of each. */
NODISCARD int view_hosts(struct view *v, struct arena *a, const char *sweep, struct value *list,
                         struct err *err);
NODISCARD int view_code(struct view *v, struct arena *a, const char *sweep, struct value **ret,
                        struct err *err);
/* The results of earlier sweeps that the sweep began with, as strategy_set_prior() takes them; NULL
 * if there are none. */
NODISCARD int view_prior(struct view *v, struct arena *a, const char *sweep, struct value **ret,
                         struct err *err);
