/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The front that answers wandb's client in trainings, as part of the agent. */
#include "agent/shell/agent_inside.h"

void agent_wandb_start(struct agent *a);
