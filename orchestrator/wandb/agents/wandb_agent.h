/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An agent of wandb's client (`wandb agent`, wandb.agent()) as an agent of besom's protocol, with one
 * slot. It asks for work by heartbeats, whose answers carry one command each; whatever its runs record is
 * its spool. Pure: knows no clock, store, socket or JSON text. Times are of a steady clock, except
 * where they are called wall.
 *
 *      launch        run is recorded      given in an answer      named, or its run reports
 *   --> NEW ------------> READY ---------------> GIVEN ------------------> LIVE
 *                           ^  not named: the answer was lost |              | complete, or no longer
 *                           +---------------------------------+              v named
 *   DONE, dropped <-- ended_ack -- ENDED <-- all rows are acknowledged ----- OVER
 */
#include "orchestrator/wandb/agents/wandb_agent_state.h"

/* What is recorded of an attempt's run. */
struct wandb_ran {
    bool begun, again; /* it has reported, in this attempt, or in an earlier one */
    bool heard;        /* it has reported just now */
    bool preempting, complete;
    int code;
    uint64_t rows;
};

void wandb_agent_init(struct wandb_agent *a, const char *name, const char *sweep, int64_t lost_ms,
                      struct wandb_now now);
void wandb_agent_done(struct wandb_agent *a);
/* An attempt that an earlier process has given it; before wandb_agent_hello(). done: its trial has ended,
 * and its script may still be in its last lines. */
void wandb_agent_hold(struct wandb_agent *a, uint64_t trial, uint64_t attempt, bool done);
void wandb_agent_hello(struct wandb_agent *a, struct wandb_effects *out);
void wandb_agent_told(struct wandb_agent *a, struct wandb_now now, const struct message *m,
                      struct wandb_effects *out);
/* A heartbeat, which names these trials as running. One that waits already is given up. */
void wandb_agent_beat(struct wandb_agent *a, struct wandb_now now, const uint64_t *named, size_t n,
                      struct wandb_effects *out);
/* Who sent the heartbeat that waits is gone. */
void wandb_agent_hung_up(struct wandb_agent *a, struct wandb_effects *out);
void wandb_agent_ran(struct wandb_agent *a, struct wandb_now now, uint64_t trial, uint64_t attempt,
                     const struct wandb_ran *ran, struct wandb_effects *out);
/* The sweep takes no more trials: it has ended, or finishes those that run. */
void wandb_agent_finish(struct wandb_agent *a, struct wandb_now now, struct wandb_effects *out);
void wandb_agent_tick(struct wandb_agent *a, struct wandb_now now, struct wandb_effects *out);
int64_t wandb_agent_deadline(const struct wandb_agent *a);
/* The attempt of this trial that runs here, and whether it is to stop; NULL: none. */
const struct wandb_task *wandb_agent_find(const struct wandb_agent *a, uint64_t trial);
