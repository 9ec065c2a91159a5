/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Sweeps: how they begin and are steered. */
#include "orchestrator/core/controller/controller_state.h"

void controller_sweep_create(struct controller *c, const struct event *ev, struct effects *out);
void controller_sweep_admit(struct controller *c, const struct event *ev);
void controller_sweep_command(struct controller *c, const struct event *ev, struct effects *out);
