/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The environment of a trial, and the names that stand for it in a command, as ${trial_id}. Touches
 * no file. */
#include "agent/launch/launch_attempt.h"

struct spec;

struct environment {
    struct value *names; /* for struct command_fill */
    struct value
        *variables; /* in addition to the inherited ones: those of the spec, then besom's */
};

/* spec_env may be NULL. */
struct environment environment_of(struct arena *a, const struct launch_context *ctx,
                                  const struct launch_attempt *attempt,
                                  const struct value *spec_env);
/* A variable as training sees it, NULL where it is not set; arg: the struct environment. */
const char *environment_get(void *arg, const char *name);
/* Whether all variables that the command and env name are set: ERR_SPEC names the first that is not.
 * The latter before there is an attempt. */
NODISCARD int environment_check(const struct environment *e, const struct spec *s, struct err *err);
NODISCARD int environment_check_spec(const struct launch_context *ctx, const struct spec *s,
                                     struct err *err);
/* Whether a variable tells training that wandb's configuration is in this file. */
bool environment_is_wandb(const struct environment *e, const char *path);
/* All variables, for exec. */
char **environment_list(struct arena *a, const struct environment *e);
/* The attempt's share of the processors, and their list for the shim; 0 if they are not divided. */
uint32_t environment_share(const struct launch_context *ctx, const struct launch_attempt *attempt,
                           const struct value *spec_env, struct buf *list);
