/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The controller's process: the real core in a model of the shell orchestrator/driver.c. Events
 * queue up; a turn steps through all of them, commits the facts once, then carries out the other
 * effects in order. It may die between any two of these. */
#include "orchestrator/core/controller.h"
#include "strategies/strategy.h"
#include "tests/sim/link.h"

struct server {
    bool alive;
    uint64_t generation; /* one more whenever it starts or dies */
    struct controller core;
    struct strategy *strategy;
    struct arena in, out;
    struct event *queue;
    size_t queued, queue_cap, taken;
    struct effects effects;
    bool working, leaving;
    int64_t armed_at;
    uint64_t requests;
};

void server_init(struct sim *s);
void server_done(struct sim *s);
void server_start(struct sim *s);
/* It is gone at once; what it had not committed is lost. It comes back by itself. */
void server_kill(struct sim *s, const char *why);
void server_frame(struct sim *s, struct link *l, const char *text, size_t len);
void server_down(struct sim *s, struct link *l);
void server_command(struct sim *s, enum controller_command command);
void server_shutdown(struct sim *s);
/* Of the agent in the same process. */
void server_agent_idle(struct sim *s);
