/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Agents: which of them take new attempts, and what is known of each. */
#include "orchestrator/core/controller/controller_state.h"

void controller_agent_command(struct controller *c, const struct event *ev, struct effects *out);
/* The one agent that has this name, or a name that begins with it. ERR_NOT_FOUND: there is none, as the text says. */
NODISCARD int controller_agent_resolve(const struct controller *c, const char *word,
                                       const char **ret, const char **text, struct arena *a);
/* Records the duty of an agent, with by, text, why and instance of the fact. */
void controller_agent_record(struct controller *c, const struct event *ev, const char *name,
                             enum duty duty, const struct fact *with, struct effects *out);
/* Who asks for the duty of an agent, as people read it; NULL: not known. */
const char *controller_agent_asker(const struct controller *c, const struct event *ev,
                                   struct arena *a);
/* It has said hello, and its attempts are taken up. */
void controller_agent_joined(struct controller *c, const struct event *ev,
                             struct fleet_agent *agent, struct effects *out);
/* It was away for too long: that it is lost is remembered, unless it had said that it ends. */
void controller_agent_note_lost(struct controller *c, const struct event *ev,
                                const struct fleet_agent *agent, struct effects *out);
/* It has returned, or was forgotten: it is not lost. */
void controller_agent_note_back(struct controller *c, const struct event *ev, const char *name,
                                struct effects *out);
/* An attempt on it has ended: if it drains and runs nothing more, it is told to end. */
void controller_agent_settle(struct controller *c, struct fleet_agent *agent, struct effects *out);
#define CONTROLLER_AGENT_CODE "code" /* what its record is called among the actions */
enum { CONTROLLER_HOST_DEATHS = 5 /* attempts in a row that die on a host, which is cordoned */ };

/* An attempt on the agent has ended for this reason, which text describes (or NULL). Cordons the host if all its
 * attempts die and other hosts could run them. Failures that may be the trial's own fault count only while the sweep's trials
 * run well on another host, and none fails alike there. */
void controller_agent_judge(struct controller *c, const struct event *ev, struct fleet_agent *agent,
                            const struct book_sweep *s, const struct book_trial *t,
                            enum trial_reason reason, const char *text, struct effects *out);
/* The agent says what a folder of it holds: its own, or that of a sweep, which is recorded. */
void controller_agent_code(struct controller *c, const struct event *ev, struct effects *out);
/* All agents that are known, as `besom agents --json` prints them. The times of the clocks are
 * those of now. */
struct value *controller_agent_list(const struct controller *c, int64_t now_ms, int64_t wall_ms,
                                    struct arena *a);
