/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Runs and their projects. A run is found by the names of its entity and project and its own; inside it
 * has a number, which is never used again for another. Strings live in the arena. */
#include "base/arena.h"
#include "orchestrator/runs/runs.h"
#include <stdint.h>

#define RUNS_STATES(X)                                                    \
    X(RUNS_PENDING, "pending") /* a sweep made it, nothing ran yet */     \
    X(RUNS_RUNNING, "running")                                            \
    X(RUNS_PREEMPTING, "preempting") /* its machine will be taken away */ \
    X(RUNS_PREEMPTED, "preempted")                                        \
    X(RUNS_FINISHED, "finished")                                          \
    X(RUNS_FAILED, "failed")                                              \
    X(RUNS_CRASHED, "crashed") /* it fell silent */                       \
    X(RUNS_KILLED, "killed")

enum runs_state {
#define X(id, name) id,
    RUNS_STATES(X)
#undef X
        RUNS_STATE_COUNT
};

enum runs_stream { RUNS_HISTORY, RUNS_EVENTS, RUNS_LOG, RUNS_STREAMS };
enum runs_document { RUNS_CONFIG, RUNS_SUMMARY, RUNS_DOCUMENTS }; /* each a JSON object as text */

struct runs_run {
    int64_t n, project_n; /* numbers; 0: not stored yet */
    const char *entity, *project, *name, *display;
    const char *sweep, *group, *job_type, *notes;    /* NULL: none */
    const char *tags;                                /* a JSON list of texts */
    const char *host, *program, *repo, *commit, *by; /* NULL: unknown */
    enum runs_state state;
    bool exited; /* exit_code is known */
    int64_t exit_code;
    int64_t created, heartbeat, ended; /* ms since 1970; ended 0: it has not */
    int64_t marked;                    /* when it began to be preempted; 0: it is not */
    int64_t lines[RUNS_STREAMS];       /* how many lines each stream has */
    bool stop;                         /* somebody asked it to stop */
};

const char *runs_run_state_name(enum runs_state state);
int runs_run_state_find(const char *name); /* -1 if none */
bool runs_run_has_ended(enum runs_state state);

/* ERR_NOT_FOUND: there is none. */
NODISCARD int runs_run_find(struct runs *r, struct arena *a, const char *entity,
                            const char *project, const char *name, struct runs_run *ret,
                            struct err *err);
/* The newest run of that name in any project. */
NODISCARD int runs_run_find_named(struct runs *r, struct arena *a, const char *name,
                                  struct runs_run *ret, struct err *err);
NODISCARD int runs_run_get(struct runs *r, struct arena *a, int64_t n, struct runs_run *ret,
                           struct err *err);
/* How many runs the project has had, so the next one's number is one more; 0 where it does not exist. */
NODISCARD int runs_run_count(struct runs *r, const char *entity, const char *project, int64_t *ret,
                             struct err *err);
/* Calls fn with each run of the project, the oldest first, until it returns nonzero, which is then the result. The run is
 * valid until fn returns. */
NODISCARD int runs_run_each(struct runs *r, const char *entity, const char *project,
                            int (*fn)(void *arg, const struct runs_run *run), void *arg,
                            struct err *err);
/* Stores a new run, and its project if that is new; sets its numbers. */
NODISCARD int runs_run_add(struct runs *r, struct runs_run *run, struct err *err);
NODISCARD int runs_run_put(struct runs *r, const struct runs_run *run, struct err *err);
/* Stores only what changes while it runs: state, exit, heartbeat, end, counts of lines, stop. */
NODISCARD int runs_run_beat(struct runs *r, const struct runs_run *run, struct err *err);
/* Removes the run and all that it has recorded. */
NODISCARD int runs_run_remove(struct runs *r, int64_t n, struct err *err);
/* All runs of a sweep of the store, and what wandb's client has told of it. */
NODISCARD int runs_run_remove_sweep(struct runs *r, const char *sweep, struct err *err);
/* "{}" where there is none. */
NODISCARD int runs_run_document(struct runs *r, struct arena *a, int64_t n,
                                enum runs_document which, const char **ret, struct err *err);
NODISCARD int runs_run_put_document(struct runs *r, int64_t n, enum runs_document which,
                                    const char *text, size_t len, struct err *err);
/* Runs that were silent since then have crashed, or were preempted. */
NODISCARD int runs_run_end_silent(struct runs *r, int64_t since, int64_t now, struct err *err);
