/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the agents of wandb's clients want of runs.db: work of the desk's thread, one kind each. */
#include "orchestrator/runs/runs_sweep.h"
#include "orchestrator/wandb/desk_later.h"

enum agent_job_kind {
    AGENT_JOB_LOAD,   /* the agent, and the runs that it was given: sweep, tasks */
    AGENT_JOB_RECORD, /* this attempt's run, to begin; once: base, again, report */
    AGENT_JOB_FEED, /* rows from `from` to `to` of its history, as lines of metrics; or the first of them */
    AGENT_JOB_END,  /* the run has ended without saying so */
    AGENT_JOB_STOP, /* the run is to stop */
    AGENT_JOB_LOG   /* a piece of what it printed */
};

enum { AGENT_JOB_TEXT_BYTES = 256 << 10 };

struct agent_job {
    struct arena arena; /* all that it points to; freed after `done` */
    struct desk_host *host;
    enum agent_job_kind kind;
    void (*done)(void *arg, struct agent_job *j); /* on the loop; code: 0 or an ERR_* */
    void *arg;
    int code;
    const char *error;
    /* In. */
    const char *agent, *sweep, *run;
    const struct value *params;
    uint64_t trial, attempt, from, to, base;
    bool ended;                         /* of the feed: row number `to` is its summary */
    bool stopped;                       /* of the end: it was asked to */
    uint64_t lines, max, request, fold; /* of the log: as in MESSAGE_LOG_READ */
    const char *find;
    /* Out. */
    struct runs_task *tasks;
    size_t n, cap;
    bool again;
    struct desk_report report;
    const char *text;
    size_t len;
    bool end;                    /* of the log: nothing comes after the text */
    uint64_t size;               /* of the log */
    const struct value *rows;    /* of the log: with `fold`, in place of the text */
    const struct value *summary; /* a line of metrics; NULL: none */
    int64_t last_step;           /* -1: none */
};

struct agent_job *agent_job_new(enum agent_job_kind kind, const char *agent, const char *sweep,
                                uint64_t trial, uint64_t attempt);
void agent_job_start(struct agent_job *j, struct desk_host *host,
                     void (*done)(void *arg, struct agent_job *j), void *arg);
