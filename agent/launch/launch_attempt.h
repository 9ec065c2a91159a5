/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The attempt that is launched, its place, and the names of its folders and files. Touches no
 * file. */
#include "agent/core/agent_core.h"
#include "agent/launch/cgroup.h"
#include "agent/launch/cpu_share.h"

struct wandb_access;

struct launch_context {
    const char *dir, *shim, *bin; /* as in struct agent_config */
    const char *workdir;          /* absolute: for a relative one; NULL: this process's */
    const char *interpreter;
    int64_t grace_ms;
    struct cpu_share cpus;
    struct cgroup groups;             /* of attempts that were granted memory or cores */
    const struct wandb_access *wandb; /* how training reports by wandb; NULL: not to besom */
    bool gpu_numbers;                 /* CUDA_VISIBLE_DEVICES has numbers, not UUIDs */
};

struct launch_cpus { /* the processors that an attempt was granted, for itself as far as they go */
    uint32_t n;
    const char *list; /* as in 0-3,8; "": all */
};

struct launch_attempt {
    struct agent_key key;
    uint32_t slot;
    const struct value *grant;      /* of its slot; NULL: none */
    const struct launch_cpus *cpus; /* NULL: it has the share of its slot */
    const struct value *wandb;      /* as in a message; NULL: training's wandb is left alone */
    uint16_t port;                  /* the value of ${port}; 0: it is left unchanged */
};

/* DIR/run/SWEEP-TRIAL-ATTEMPT and DIR/trials/SWEEP/TRIAL; all absolute. */
char *launch_attempt_dir(struct arena *a, const char *dir, const struct agent_key *key);
char *launch_attempt_trial_dir(struct arena *a, const char *dir, const struct agent_key *key);
/* Where wandb's client keeps the files of the trial's runs. */
char *launch_attempt_wandb_dir(struct arena *a, const char *dir, const struct agent_key *key);
/* The key of a name in DIR/run/; false if it is not the name of an attempt. */
bool launch_attempt_key(const char *name, struct agent_key *ret);

/* Files in the attempt's directory: its parameters as JSON, the same as Python's json.dumps prints
 * them, and as wandb reads them. */
char *launch_attempt_params(struct arena *a, const struct launch_context *ctx,
                            const struct launch_attempt *attempt);
char *launch_attempt_args(struct arena *a, const struct launch_context *ctx,
                          const struct launch_attempt *attempt);
char *launch_attempt_wandb(struct arena *a, const struct launch_context *ctx,
                           const struct launch_attempt *attempt);
