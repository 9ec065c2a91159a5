/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What an agent's host has left and does, as the agent says every few seconds: its disk, and each of its GPUs
 * whether a trial has it or not. Nothing is decided from it. */
#include "orchestrator/core/fleet/fleet_agent.h"

/* In place of what it said before. A malformed description is ignored. */
void fleet_load_set(struct fleet_agent *a, const struct value *load, int64_t wall_ms);
/* {"time","disk":{"free","total","low"}|null,"gpus":[…]}; null: it is away, or has said nothing. */
struct value *fleet_load_value(const struct fleet_agent *a, struct arena *arena);
