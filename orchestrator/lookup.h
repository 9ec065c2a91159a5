/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What an event needs to know beyond the books: the core reads no store. For driver.c. */
#include "orchestrator/core/controller/controller.h"
#include "orchestrator/store/store.h"

struct lookup {
    struct arena *arena; /* of the turn */
    const char *dir;
    struct store *store;
    struct controller *core;
};

/* Adds it to the event before its step: the sweep that has ended, trials to retry, tags that trials had, seeds to repeat
 * with, attempts that an agent holds. Nothing leaves the books between this call and the step: books and store together know every trial. An error is
 * the answer to the event. */
NODISCARD int lookup_event(const struct lookup *l, struct event *ev, struct err *err);
