/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Agents that could not start a trial of a sweep: its program, its folder or its interpreter is
 * missing there, or the machine has no processes left. Whether the host or the sweep is to blame
 * shows on the next agent, so the trial goes there at no cost and the agent is barred from the
 * sweep. Where no other agent is left, or several could not start it, the trial fails. The bars are
 * an index: another process tries each agent again. */
#include "orchestrator/core/controller/controller_state.h"

enum { CONTROLLER_BAR_HOSTS = 3 }; /* that could not start a trial before it fails */

/* The trial's agent could not start it, for this reason. True: it is to wait for another agent.
 * False: it fails, the bars of its sweep are lifted, and *why names the other agents too. */
bool controller_bar_put(struct controller *c, const struct event *ev, const struct book_sweep *s,
                        const struct book_trial *t, const char **why, struct arena *a);
/* The agent may try again: it was started anew, or somebody says so. False: nothing was barred. */
bool controller_bar_lift(struct controller *c, const char *agent);
void controller_bar_clear(struct controller *c, struct schedule_sweep *turn);
/* Lifts the bars of sweeps for which no other agent is left. */
void controller_bar_review(struct controller *c, const struct event *ev);
/* What the agent starts no trials of, and why; NULL: nothing. */
const char *controller_bar_of_agent(const struct controller *c, const char *agent, struct arena *a);
/* "agents a, b cannot start it: …", where it ended last; NULL: none is barred. */
const char *controller_bar_of_sweep(const struct schedule_sweep *turn, struct arena *a);
