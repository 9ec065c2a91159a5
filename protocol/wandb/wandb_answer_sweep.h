/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Answers about sweeps and their agents to wandb's clients (see protocol/wandb/wandb_answer.h). */
#include "base/value.h"

struct wandb_answer_sweep {
    const char *id, *entity, *project;
    const char *state;                 /* PENDING RUNNING PAUSED FINISHED CANCELED */
    const char *method;                /* may be NULL */
    const char *config;                /* YAML */
    const char *display, *description; /* may be NULL */
    const char *created, *changed;     /* "2026-01-31T12:00:00Z"; may be NULL */
    int64_t runs;                      /* how many it has begun */
    int64_t expected;                  /* how many it will have; 0: not known */
};

/* The sweep as a part of an answer. */
struct value *wandb_answer_sweep_value(struct arena *a, const struct wandb_answer_sweep *s);
/* UpsertSweep; warnings: a list of texts. */
struct value *wandb_answer_sweep_upsert(struct arena *a, const struct wandb_answer_sweep *s,
                                        struct value *warnings);
/* SweepWithRuns, SweepConfig, GetSweepState; runs: a list of edges. */
struct value *wandb_answer_sweep_get(struct arena *a, const struct wandb_answer_sweep *s,
                                     struct value *runs);
struct value *wandb_answer_sweep_agent(struct arena *a, const char *id); /* CreateAgent */
/* Heartbeat; command: NULL for none. */
struct value *wandb_answer_sweep_beat(struct arena *a, const char *agent, struct value *command);
/* The command to run a trial. type: "run" or "resume"; params: nested, as its script gets them. */
struct value *wandb_answer_sweep_run(struct arena *a, const char *type, const char *run,
                                     const char *program, const struct value *params);
/* The parameters of a trial as the configuration of its run: {NAME:{"value":…}}. */
struct value *wandb_answer_sweep_config(struct arena *a, const struct value *params);
struct value *wandb_answer_sweep_command(struct arena *a, const char *type, const char *run);
struct value *wandb_answer_sweep_success(struct arena *a, const char *operation); /* "stopRun" */
