/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What this host offers: slots with GPUs, and room on its disk; and what it does, for people. */
#include "agent/shell/agent_inside.h"

/* Describes the slots to the core, before the hello. */
void agent_host_start_slots(struct agent *a, const char *run);
/* Tells the controller how much of the disk is free and what the GPUs do, now and every few seconds. */
void agent_host_tell_load(struct agent *a);
/* Looks before a launch, and while a launch waits. Reports changes only. */
void agent_host_look_for_room(struct agent *a);
