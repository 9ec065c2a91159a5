/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/launch/launch_attempt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

char *launch_attempt_dir(struct arena *a, const char *dir, const struct agent_key *key)
{
    return arena_printf(a, "%s/run/%s-%" PRIu64 "-%" PRIu64, dir, key->sweep, key->trial,
                        key->attempt);
}

char *launch_attempt_trial_dir(struct arena *a, const char *dir, const struct agent_key *key)
{
    return arena_printf(a, "%s/trials/%s/%" PRIu64, dir, key->sweep, key->trial);
}

char *launch_attempt_wandb_dir(struct arena *a, const char *dir, const struct agent_key *key)
{
    return arena_printf(a, "%s/wandb", launch_attempt_trial_dir(a, dir, key));
}

static bool read_digits(const char **at, uint64_t max, uint64_t *ret)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    errno = 0;
    *ret = strtoull(*at, &end, 10);
    *at = end;
    return errno == 0 && *ret <= max;
}

bool launch_attempt_key(const char *name, struct agent_key *ret)
{
    struct agent_key key = {0};
    size_t len = strcspn(name, "-");
    if (len == 0 || len >= sizeof key.sweep || name[len] != '-')
        return false;
    memcpy(key.sweep, name, len);
    const char *at = name + len + 1;
    if (!read_digits(&at, UINT64_MAX, &key.trial) || *at++ != '-')
        return false;
    if (!read_digits(&at, UINT32_MAX, &key.attempt) || *at != '\0')
        return false;
    *ret = key;
    return true;
}

static char *file_of(struct arena *a, const struct launch_context *ctx,
                     const struct launch_attempt *attempt, const char *name)
{
    return arena_printf(a, "%s/%s", launch_attempt_dir(a, ctx->dir, &attempt->key), name);
}

char *launch_attempt_params(struct arena *a, const struct launch_context *ctx,
                            const struct launch_attempt *attempt)
{
    return file_of(a, ctx, attempt, "params.json");
}

char *launch_attempt_args(struct arena *a, const struct launch_context *ctx,
                          const struct launch_attempt *attempt)
{
    return file_of(a, ctx, attempt, "args.json");
}

char *launch_attempt_wandb(struct arena *a, const struct launch_context *ctx,
                           const struct launch_attempt *attempt)
{
    return file_of(a, ctx, attempt, "wandb.yaml");
}
