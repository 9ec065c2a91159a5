/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* From a LAUNCH message to what the shim is started with: argv, environment, folders, files. What
 * would be started can be asked for without any of it being made. */
#include <sys/types.h>
#include "agent/core/agent_core.h"
#include "agent/cpu_share.h"

struct spec;

struct launch_context {
    const char *dir, *shim, *bin; /* as in struct agent_config */
    const char *interpreter;
    int64_t grace_ms;
    struct cpu_share cpus;
};

struct launch_plan {
    const char *cwd;
    char **argv;    /* of the shim; NULL-terminated */
    char **command; /* of the training: the end of argv */
    char **env;     /* NULL-terminated */
};

/* DIR/run/SWEEP-TRIAL-ATTEMPT and its like; all absolute. */
char *launch_attempt_dir(struct arena *a, const char *dir, const struct agent_key *key);
char *launch_trial_dir(struct arena *a, const char *dir, const struct agent_key *key);
/* The key that a name in DIR/run/ spells; false where it is not one of ours. */
bool launch_key_of_name(const char *name, struct agent_key *ret);

/* One attempt, as training is told of it. */
struct launch_attempt {
    struct agent_key key;
    uint32_t slot;
    uint16_t port; /* what ${port} gives; 0: it stays as it is written */
};

/* What is inherited from here, for command_fill_check(). */
const char *launch_getenv(void *arg, const char *name);

/* The variables that training gets over those inherited from here: those of the spec, then ours.
 * spec_env may be NULL. And its argv, given them. Both touch nothing. */
struct value *launch_variables(struct arena *a, const struct launch_context *ctx,
                               const struct launch_attempt *attempt, const struct value *spec_env);
NODISCARD int launch_command(struct arena *a, const struct launch_context *ctx,
                             const struct launch_attempt *attempt, const struct spec *spec,
                             const struct value *params, const struct value *variables,
                             struct value **ret, struct err *err);

/* Makes the folders and the parameters' files (the attempt's directory is there), and the plan. */
NODISCARD int launch_prepare(struct arena *a, const struct launch_context *ctx,
                             const struct agent_key *key, const struct message *m,
                             struct launch_plan *ret, struct err *err);
/* Starts the shim in a session of its own, its standard files on /dev/null. */
NODISCARD int launch_spawn(const struct launch_plan *plan, pid_t *ret, struct err *err);
