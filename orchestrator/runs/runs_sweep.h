/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Sweeps that wandb's client has made, its agents, and which agent was given which run. Trials and
 * their states are in the store: here is what only wandb's client asks for. Strings live in the
 * arena. */
#include <stdint.h>
#include "base/arena.h"
#include "orchestrator/runs/runs.h"

struct runs_sweep {
    const char *id;
    const char *entity, *project;
    const char *config;             /* YAML, as it was sent */
    const char *name, *description; /* NULL: none */
    int64_t created;                /* ms since 1970 */
};

struct runs_agent {
    const char *id, *sweep;
    const char *host, *by;
    int64_t created;
};

/* The newest attempt of a trial that an agent of wandb's was given. */
struct runs_task {
    const char *sweep, *agent;
    int64_t trial, attempt;
    int64_t base; /* rows that its run had before */
    bool again;   /* … and it had begun before */
    bool ended;   /* its run has said so; not stored here */
};

NODISCARD int runs_sweep_put(struct runs *r, const struct runs_sweep *s, struct err *err);
/* ERR_NOT_FOUND: wandb's client has made no such sweep. */
NODISCARD int runs_sweep_find(struct runs *r, struct arena *a, const char *id,
                              struct runs_sweep *ret, struct err *err);
NODISCARD int runs_sweep_add_agent(struct runs *r, const struct runs_agent *agent, struct err *err);
NODISCARD int runs_sweep_find_agent(struct runs *r, struct arena *a, const char *id,
                                    struct runs_agent *ret, struct err *err);
NODISCARD int runs_sweep_put_task(struct runs *r, const struct runs_task *t, struct err *err);
NODISCARD int runs_sweep_find_task(struct runs *r, struct arena *a, const char *sweep,
                                   int64_t trial, struct runs_task *ret, struct err *err);
/* Calls fn with each run that the agent has been given. */
NODISCARD int runs_sweep_tasks(struct runs *r, struct arena *a, const char *agent,
                               void (*fn)(void *arg, const struct runs_task *t), void *arg,
                               struct err *err);
