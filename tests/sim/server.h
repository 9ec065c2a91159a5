/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The controller's process: the real core in a model of the shell orchestrator/driver.c. Events
 * queue up; a turn steps through all of them, and what comes of it goes by the writer. It may die
 * between any two of these. */
#include "orchestrator/core/controller/controller.h"
#include "tests/sim/link.h"
#include "tests/sim/thinker.h"
#include "tests/sim/writer.h"

struct server {
    bool alive;
    uint64_t generation; /* one more whenever it starts or dies */
    struct controller core;
    struct thinker *thinker;
    struct writer writer;
    struct arena in; /* what queued events point to */
    struct event *queue;
    size_t queued, queue_cap, taken;
    bool working, leaving;
    bool admits_one_by_one;
    uint32_t admitted; /* sweeps whose trials it may launch: 1 << index */
    int64_t armed_at;
    int64_t stopped_ms, wakes_ms; /* stopped by SIGSTOP until then: it does nothing */
};

void server_init(struct sim *s);
void server_done(struct sim *s);
void server_start(struct sim *s);
/* It is gone at once; what is not durable is lost. It comes back by itself. */
void server_kill(struct sim *s, const char *why);
/* SIGSTOP, and SIGCONT so much later. */
void server_suspend(struct sim *s, int64_t ms);
bool server_is_suspended(const struct sim *s);
void server_frame(struct sim *s, struct link *l, const char *text, size_t len);
void server_down(struct sim *s, struct link *l);
/* create: copied. */
void server_create(struct sim *s, const struct fact *create, uint64_t request);
void server_command(struct sim *s, const char *sweep, enum controller_command command,
                    uint64_t request);
void server_retry(struct sim *s, const char *sweep, unsigned states, uint64_t request);
void server_edit(struct sim *s, const struct fact *edit, uint64_t request);
/* params: copied. */
void server_enqueue(struct sim *s, const char *sweep, const struct value *params, uint64_t request);
void server_agent(struct sim *s, const char *agent, enum duty duty);
/* Somebody runs this sweep here, which a retry brought back. */
void server_admit_again(struct sim *s, struct sweep *w);
void server_stop_trial(struct sim *s, const char *sweep, uint64_t trial, uint64_t request);
void server_shutdown(struct sim *s);
/* Of the agent in the same process, after each of its turns. */
void server_agent_turned(struct sim *s);
/* Nothing is under way in it. */
bool server_is_quiet(const struct sim *s);

/* Of its writer: an effect whose facts are durable; a batch is done. */
void server_carry_out(struct sim *s, const struct effect *e);
void server_written(struct sim *s);
