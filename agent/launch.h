/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* From a LAUNCH message to what the shim is started with: argv, environment, folders, files. */
#include "agent/agent_core.h"

struct launch_context {
    const char *dir, *shim, *bin; /* as in struct agent_config */
    const char *interpreter;
    int64_t grace_ms;
};

struct launch_plan {
    const char *cwd;
    char **argv; /* of the shim; NULL-terminated */
    char **env;  /* NULL-terminated */
};

/* DIR/run/SWEEP-TRIAL-ATTEMPT and its like; all absolute. */
char *launch_attempt_dir(struct arena *a, const char *dir, const struct agent_key *key);
char *launch_log_path(struct arena *a, const char *dir, const struct agent_key *key);
char *launch_trial_dir(struct arena *a, const char *dir, const struct agent_key *key);
/* The key that a name in DIR/run/ spells; false where it is not one of ours. */
bool launch_key_of_name(const char *name, struct agent_key *ret);

/* Makes the folders and the parameters' files (the attempt's directory is there), and the plan. */
NODISCARD int launch_prepare(struct arena *a, const struct launch_context *ctx,
                             const struct agent_key *key, const struct message *m,
                             struct launch_plan *ret, struct err *err);
