/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Facts: what happened, durable before it is acted on. The books (orchestrator/core/books.h) are their
 * fold. A fact carries every decision that was made, so that folding it needs no policy and no
 * clock. */
#include "sweep/duty.h"
#include "sweep/point.h"
#include "sweep/trial.h"
#include "sweep/trust/credential.h"

#define FACT_KINDS(X)                                                                        \
    X(FACT_SWEEP_CREATED, "sweep_created") /* sweep n name path content seed … */          \
    X(FACT_SWEEP_STATE, "sweep_state")     /* sweep state reason text */                     \
    X(FACT_SWEEP_EDITED, "sweep_edited")   /* sweep name path workdir content total */       \
    X(FACT_SWEEP_REMOVED, "sweep_removed") /* sweep n: its other facts are gone */           \
    X(FACT_AGENT_STATE, "agent_state")     /* agent state by text instance why */            \
    X(FACT_PROPOSED, "proposed")           /* sweep trial cursor known params why */         \
    X(FACT_LAUNCHED, "launched")           /* sweep trial attempt agent slot grant */        \
    X(FACT_STOPPING, "stopping")           /* sweep trial attempt reason why */              \
    X(FACT_METRICS, "metrics")             /* sweep trial attempt stream from to points */   \
    X(FACT_ENDED, "ended")                 /* sweep trial attempt reason state code … */   \
    X(FACT_TRIAL_STATE, "trial_state")     /* sweep trial state reason */                    \
    X(FACT_RETRIED, "retried")             /* sweep trial attempt state cursor params … */ \
    X(FACT_REINSTATED, "reinstated")       /* sweep trial attempt: it was not lost */        \
    X(FACT_TAGGED, "tagged")               /* sweep trials add remove */                     \
    X(FACT_TOKEN_CREATED, "token_created") /* token scope form hash name expires by … */   \
    X(FACT_TOKEN_USED, "token_used")       /* token */                                       \
    X(FACT_TOKEN_REVOKED, "token_revoked") /* token by */                                    \
    X(FACT_ACTION, "action")               /* by from what subject result text */

enum fact_kind {
#define X(id, name) id,
    FACT_KINDS(X)
#undef X
        FACT_KIND_COUNT
};

/* SYSTEM: what the attempt used of its host (docs/guide/system.md). Nothing is decided from it. */
enum fact_stream { FACT_STREAM_FILE, FACT_STREAM_STDOUT, FACT_STREAM_SYSTEM, FACT_STREAMS };

struct fact {
    enum fact_kind kind;
    uint64_t seq;      /* its number among all facts of the store, from 1; there may be gaps */
    int64_t time_ms;   /* since 1970 */
    const char *sweep; /* id; "" where the fact is about none */
    uint64_t trial;    /* number, from 0 */
    uint32_t attempt;  /* from 1 */
    int state; /* enum sweep_state, trial_state or duty: the new state; of `retried`: how the trial
                * ended */
    enum trial_reason reason;
    const char *text; /* for people: an error, why a sweep was paused; may be NULL */
    uint64_t
        n; /* sweep_created, sweep_removed: the sweep's number in the store, from 1; 0: the store
                 * gives it */
    /* sweep_created; sweep_edited, except the seed */
    const char *name;    /* may be NULL */
    const char *path;    /* absolute path of the spec */
    const char *place;   /* the spec's path from the folder that the store lies in; NULL: outside */
    const char *workdir; /* absolute directory that training runs in; as base/path_text prints it */
    const struct value *content;
    uint64_t seed;
    const struct value *prior; /* of sweep_created: results of earlier sweeps; may be NULL */
    const struct value
        *project;     /* of sweep_created, as `code`: agent/code/code_record.h; may be NULL */
    uint64_t total;   /* trials there will be at most; 0: no end known */
    int64_t until_ms; /* budget.until, since 1970; 0: none */
    /* proposed; retried, but for `known` */
    uint64_t cursor;
    uint64_t known;                   /* seq of the last fact whose results it knew */
    const struct value *params, *why; /* why: of `stopping` too, where a rule stops a trial; of
                                       * agent_state, {sweep, error} that a cordon is for */
    /* retried: how the trial ended, since the books no longer hold it. `attempt` is its last one,
     * 0 where there was none; agent, slot and ran_ms are that attempt's. */
    int64_t created_ms, started_ms;
    uint64_t iterations; /* as in struct objective */
    int64_t iteration_step;
    double iteration_best;
    const struct value *rungs; /* its values at the rungs that it has reached; NULL: none */
    bool measured;             /* not stored: its last attempt reported the metric */
    /* agent_state: `agent`, and these */
    const char *by;    /* who decided it; may be NULL; of token_created, token_revoked and action:
                        * the id of a credential, or "local user NAME" */
    uint64_t instance; /* the agent process that is to drain; 0: the next to connect */
    /* launched; retried, but for the grant */
    const char *agent;
    uint32_t slot;
    const struct value *grant; /* orchestrator/core/grant.h; NULL: that slot alone */
    /* metrics: bytes [from, to) of a stream of the attempt, read into points */
    enum fact_stream stream;
    uint64_t from, to;
    struct points points;
    int64_t next_step; /* after these points */
    /* Not stored, only for a message at this moment: the line numbers in the file of the first
     * lines of points.bad and points.too_long, 0 if unknown; `text` is the first bad line. */
    uint64_t bad_line, long_line;
    /* ended: when, by the clock of its host, but never before its launch nor in the future; how
     * long it ran, by the shim's steady clock */
    int64_t ended_ms, ran_ms;
    int code, signal; /* code -1: it ended by the signal, never ran, or nobody saw it end */
    uint64_t log_dropped;
    uint64_t stdout_dropped; /* bytes of lines for metrics beyond what is kept of stdout */
    uint64_t rewrites;       /* how often the metrics file was cut or replaced */
    /* tagged: numbers of trials, NULL: the sweep itself; and lists of tags (sweep/tag/tag.h) */
    const struct value *trials, *add, *remove;
    /* token_created, token_used, token_revoked; `name` is whose it is, may be NULL */
    const char *token; /* id of the credential */
    enum credential_scope scope;
    enum credential_form form;
    const char *hash;
    const char *store;    /* id of the store that it was made in */
    const char *replaces; /* id of the credential whose place it takes; NULL: none */
    int64_t expires_ms;   /* since 1970; 0: never */
    /* action: what somebody asked for, and the outcome; `text` is why it was refused */
    const char *address; /* of who asked */
    const char *what;    /* "pause", "token create", … */
    const char *subject; /* a sweep, trial, agent or credential; may be NULL */
    int result;          /* 0 or ERR_* */
};

const char *fact_kind_name(enum fact_kind k);
bool fact_kind_has_sweep(enum fact_kind k);
bool fact_kind_has_trial(enum fact_kind k);
bool fact_kind_has_attempt(enum fact_kind k);
enum fact_stream fact_stream_of(uint64_t number); /* as the store numbers them */
/* Copies what the fact points to, but for its points, into the arena. */
void fact_keep(struct arena *a, struct fact *f);
/* Converts a fact to a dict and back; not for metrics, whose points are kept as chunks. A decoded
 * fact points into v. */
struct value *fact_encode(struct arena *a, const struct fact *f);
NODISCARD int fact_decode(const struct value *v, struct fact *ret, struct err *err);
