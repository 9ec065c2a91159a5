/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The controller's core: a pure machine. An event comes in with its time; effects come out in
 * order. Whatever follows an EFFECT_PERSIST must wait until that fact is durable. It has folded
 * each fact that it emits into its books already. Knows no clock, socket, file or thread. */
#include "orchestrator/core/books.h"
#include "orchestrator/core/effects.h"
#include "orchestrator/core/event.h"

enum {
    CONTROLLER_LOST_MS = 60000,   /* an agent away for longer has lost its attempts */
    CONTROLLER_QUICK_FAILURES = 5 /* quick failures in a row that pause a sweep */
};

struct controller {
    struct books books;
    char store[64];
    uint64_t epoch;
    struct map agents;    /* name -> struct controller_agent * */
    struct map proposals; /* sweep id -> struct controller_proposals * */
    int64_t started_ms;
    int64_t lost_ms; /* CONTROLLER_LOST_MS, unless a test wants it shorter */
    bool draining, hurry;
    char only[16]; /* the one sweep whose trials are launched; "": all of them */
};

/* The books are empty: load them, or create a sweep, before the first step. */
void controller_init(struct controller *c, const char *store, uint64_t epoch, int64_t now_ms);
void controller_done(struct controller *c);
void controller_step(struct controller *c, const struct event *ev, struct effects *out);
/* When a tick is next wanted, on the steady clock; INT64_MAX: never. */
int64_t controller_deadline(const struct controller *c);
/* What must hold between steps; ends the process where it does not. */
void controller_check(const struct controller *c);
