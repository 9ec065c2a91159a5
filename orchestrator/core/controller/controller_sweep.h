/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Sweeps: how they begin and are steered. */
#include "orchestrator/core/controller/controller_state.h"

/* Whether trials can be launched with a new spec, which is in f->content. */
NODISCARD int controller_sweep_judge(const struct fact *f, struct err *err);
void controller_sweep_create(struct controller *c, const struct event *ev, struct effects *out);
void controller_sweep_admit(struct controller *c, const struct event *ev);
void controller_sweep_command(struct controller *c, const struct event *ev, struct effects *out);
