/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Attempts between the core and this machine: what is found, read and sent of them. */
#include "agent/shell/agent_inside.h"

/* Handlers of agent/attempts.h, of the sampler and of wandb's front; arg: the agent. */
void agent_attempts_started(void *arg, const struct agent_key *key);
void agent_attempts_found(void *arg, const struct agent_key *key, const struct agent_found *found);
void agent_attempts_gone(void *arg, const struct agent_key *key);
void agent_attempts_swept(void *arg, const struct agent_key *key, size_t left);
void agent_attempts_full(void *arg, const struct err *err);
void agent_attempts_sampled(void *arg, const struct agent_key *key);
void agent_attempts_collected(void *arg, const struct agent_key *key);

void agent_attempts_look(struct agent *a, const struct agent_key *key, const struct message *m);
void agent_attempts_read(struct agent *a, const struct agent_effect *e);
void agent_attempts_trim(struct agent *a, const struct agent_key *key); /* at the end of the turn */
void agent_attempts_trim_all(struct agent *a);
/* Sends a message of the core; with the end of an attempt, its log's. */
void agent_attempts_send(struct agent *a, const struct message *m);
/* What the controller asked of a log, or of the files of a trial, which come later. */
void agent_attempts_answer(struct agent *a, const struct agent_effect *e);
/* Whether the attempt's snapshot is here. If not, the attempt waits for it, or ends. */
bool agent_attempts_code_is_here(struct agent *a, const struct agent_effect *e);
