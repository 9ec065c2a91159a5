/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Agents of wandb's clients: they register with a sweep, and ask for work by heartbeats. */
#include "orchestrator/wandb/desk_later.h"

NODISCARD int desk_agent_create(struct desk_call *c, struct value **ret, struct err *err);
void desk_agent_beat(struct desk_later *l);
/* StopRun: of a trial as `besom stop TRIAL`, of other runs by their next report. */
void desk_agent_stop_run(struct desk_later *l);
