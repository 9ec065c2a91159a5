/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The attempts on this machine as processes and directories: inspects them, starts them under a
 * shim, watches and signals running ones, removes ended ones. Decides nothing: each call executes
 * an effect of the core, and an event answers it (agent/core/agent_step.h). Knows no link and no
 * metric. */
#include "agent/core/agent_core.h"
#include "agent/launch/launch.h"

struct uv_loop_s;
struct attempts;

/* Called from the loop, or from within the calls below. */
struct attempts_handler {
    void (*found)(void *arg, const struct agent_key *key, const struct agent_found *found);
    void (*started)(void *arg, const struct agent_key *key);
    void (*gone)(void *arg, const struct agent_key *key);
    void (*swept)(void *arg, const struct agent_key *key, size_t left);
    void (*warned)(void *arg,
                   const struct err *err);          /* a warning, after which the agent continues */
    void (*full)(void *arg, const struct err *err); /* as in struct agent_config */
    void *arg;
};

/* All arguments must outlive it. */
struct attempts *attempts_new(struct uv_loop_s *loop, const struct launch_context *launching,
                              const struct agent_core *core,
                              const struct attempts_handler *handler);
void attempts_look(struct attempts *a, const struct agent_key *key);      /* found */
void attempts_close_dir(struct attempts *a, const struct agent_key *key); /* found */
/* started, found (a fault), or gone */
void attempts_start(struct attempts *a, const struct agent_key *key, const struct message *launch);
void attempts_watch(struct attempts *a, const struct agent_key *key); /* started or gone */
/* gently: a stop begins with an interrupt of the main process (docs/SHIM.md). */
void attempts_signal(struct attempts *a, const struct agent_key *key, enum agent_signal how,
                     bool gently);
void attempts_sweep(struct attempts *a, const struct agent_key *key); /* swept */
/* Removes the directory of an ended attempt, and the trial's directory if it is empty. */
void attempts_trim(struct attempts *a, const struct agent_key *key);
/* Removes the empty control groups of attempts that the core does not hold. */
void attempts_clean_groups(struct attempts *a);
/* Closes its handles; attempts keep running. The loop must run until they are closed; then call
 * attempts_free. */
void attempts_close(struct attempts *a);
void attempts_free(struct attempts *a);
