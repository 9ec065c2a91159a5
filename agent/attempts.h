/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The attempts on this machine as processes and directories: starts them under a shim, adopts those
 * that live, signals, tidies up, and says when a shim lives, when nothing of an attempt is alive
 * any longer, and when one is forgotten. Knows no link and no metric; of the core it asks only what
 * an attempt was told. */
#include "agent/agent_core.h"
#include "agent/launch.h"

struct uv_loop_s;
struct attempts;

/* Called from the loop, or from within attempts_start and attempts_forget. */
struct attempts_handler {
    void (*started)(void *arg, const struct agent_key *key);
    void (*ended)(void *arg, const struct agent_key *key, const struct agent_end *end);
    void (*forgotten)(void *arg, const struct agent_key *key);
    void (*warned)(void *arg, const struct err *err); /* it went on */
    void (*full)(void *arg, const struct err *err);   /* as in struct agent_config */
    void *arg;
};

/* All that is given must outlive it. */
struct attempts *attempts_new(struct uv_loop_s *loop, const struct launch_context *launching,
                              const struct agent_core *core,
                              const struct attempts_handler *handler);
/* Launches it, or takes up what its directory holds: `started`, or `ended` at once. */
void attempts_start(struct attempts *a, const struct agent_key *key, const struct message *launch);
/* Asks it to end: politely, or now. */
void attempts_stop(struct attempts *a, const struct agent_key *key, bool now);
/* Ends it, if it lives, and takes its directory away: `forgotten`. */
void attempts_forget(struct attempts *a, const struct agent_key *key);
/* Takes away the directory of one that has ended, and its trial's where nothing is in it. */
void attempts_trim(struct attempts *a, const struct agent_key *key);
/* Its end as text that no attempt directory tells. */
struct agent_end attempts_end(const char *cause, const char *text);
/* Closes its handles; what runs goes on. The loop must run until they are closed; then
 * attempts_free. */
void attempts_close(struct attempts *a);
void attempts_free(struct attempts *a);
