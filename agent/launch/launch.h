/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Converts a LAUNCH message to the arguments of the shim: argv, environment, folders, files. Can
 * also compute them without creating anything. */
#include <sys/types.h>
#include "agent/launch/environment.h"

struct spec;

struct launch_plan {
    const char *cwd;
    char **argv;    /* of the shim; NULL-terminated */
    char **command; /* of the training: the end of argv */
    char **env;     /* NULL-terminated */
};

/* The argv of training. Touches no file. */
NODISCARD int launch_command(struct arena *a, const struct launch_context *ctx,
                             const struct launch_attempt *attempt, const struct spec *spec,
                             const struct value *params, const struct environment *environment,
                             struct value **ret, struct err *err);

/* Creates the folders and the files of the parameters (the attempt's directory exists), and the
 * plan. cpus: what it was granted; NULL: nothing. */
NODISCARD int launch_prepare(struct arena *a, const struct launch_context *ctx,
                             const struct agent_key *key, const struct message *m,
                             const struct launch_cpus *cpus, struct launch_plan *ret,
                             struct err *err);
/* Starts the shim in a session of its own, its standard files on /dev/null. */
NODISCARD int launch_spawn(const struct launch_plan *plan, pid_t *ret, struct err *err);
