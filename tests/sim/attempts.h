/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The attempts on a host, in a model of the shell agent/attempts.c: what it looks at and carries out
 * for the agent's core, and no decision. */
#include "tests/sim/host.h"

/* Any effect but AGENT_DO_SEND. */
void attempts_carry_out(struct sim *s, struct host *h, const struct agent_effect *e);
void attempts_shim_gone(struct sim *s, struct host *h, struct process *p);
