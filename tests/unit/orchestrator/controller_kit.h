/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A controller with one sweep, s1, spoken to by hand. Proposals are answered at once, as the server
 * does. What a call brought about is looked up afterwards: messages sent, facts, replies. */
#include "orchestrator/core/controller/controller.h"

extern struct controller kit;
extern int64_t kit_now;            /* ms */
extern int64_t kit_skew_ms;        /* how far the wall clock is ahead; kit_begin() sets 0 */
extern uint64_t kit_instance;      /* of the agents that say hello */
extern const char *kit_credential; /* of their links; NULL: none */
extern int64_t kit_until_ms;       /* budget.until of the sweep to come */
extern const char *kit_thinks;     /* a sweep whose proposals wait for kit_propose(); NULL: none */
extern const struct event_held *kit_held; /* of the next hello; NULL: nothing was looked up */

#define KIT_STORE "store"

void kit_begin(const char *yaml);
void kit_restart(void); /* another process, the next epoch, the same books */
void kit_end(void);
void kit_step(struct event ev);
void kit_hello(uint32_t link, const char *agent, uint64_t slots, const char *held); /* JSON */
/* The same with slots and host as JSON, and no attempts. */
void kit_hello_with(uint32_t link, const char *agent, const char *slots, const char *host);
void kit_create(const char *id, const char *yaml); /* another sweep */
uint64_t kit_running(const char *sweep);
void kit_say(uint32_t link, struct message m); /* store and epoch are filled in where NULL, 0 */
void kit_metrics(uint32_t link, uint64_t trial, uint32_t attempt, uint64_t from, const char *text);
/* Ended now; it ran since its launch. */
void kit_ended(uint32_t link, uint64_t trial, uint32_t attempt, const char *cause, int code,
               int signal);
/* The sweep's next proposals come. */
void kit_propose(const char *sweep, uint32_t n);
int kit_command(enum controller_command command); /* the reply's code */
void kit_tick(int64_t ms);                        /* later */
int kit_duty(const char *agent, enum duty duty);  /* the reply's code */
void kit_lose(uint32_t link);                     /* its agent, with all that it runs */

/* What the list of agents says of one. */
const char *kit_agent_text(const char *agent, const char *key);
bool kit_agent_is_lost(const char *agent);
double kit_agent_time(const char *agent, const char *key); /* NaN: null */
const char *kit_agent_idle(
    const char *agent); /* why its first slot is idle; "": a trial runs there */
/* A trial that runs on the agent, of which there must be one, and its attempt. */
uint64_t kit_trial_on(const char *agent, uint32_t *ret_attempt);

/* Of the last call. The n-th of them, NULL where there are fewer. */
const struct message *kit_sent(enum message_type type, size_t n);
const struct fact *kit_fact(enum fact_kind kind, size_t n);
const struct effect *kit_reply(void); /* to request 9 */
size_t kit_count(enum effect_kind kind);
const struct effect *kit_effect(enum effect_kind kind, size_t n);
struct book_sweep *kit_sweep(void);
struct book_trial *kit_trial(uint64_t number); /* NULL where it has ended */
