/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What must hold, whatever happens (docs/SIMULATOR.md lists it): held against each fact that
 * becomes durable, each step and message of the controller, each training that starts, and at the
 * end. Judges by what the processes did and what the disk holds, not by what the cores believe. */
#include "orchestrator/core/effects.h"
#include "orchestrator/core/event.h"
#include "tests/sim/link.h"

struct process;

void audit_init(struct sim *s);
void audit_done(struct sim *s);
/* A fact becomes durable: before and after it is folded into the durable books. */
void audit_fact_before(struct sim *s, const struct fact *f);
void audit_fact(struct sim *s, const struct fact *f);
/* Around a step of the controller, for each effect of it, and after a turn. */
void audit_step_before(struct sim *s, const struct event *ev);
void audit_step(struct sim *s, const struct event *ev, const struct effect *effects, size_t n);
void audit_effect(struct sim *s, const struct effect *e);
void audit_turn(struct sim *s);
/* Whether the attempt was lost with its agent, or superseded, and has not continued since. */
bool audit_was_lost(const struct sim *s, const char *sweep, uint64_t trial, uint64_t attempt);
/* What leaves the controller. */
void audit_send(struct sim *s, const struct link *l, const struct message *m);
void audit_reply(struct sim *s, const struct effect *e);
void audit_training(struct sim *s, struct process *p);
/* All sweeps have ended, and the server and all hosts are quiet. */
bool audit_is_over(const struct sim *s);
void audit_end(struct sim *s);
