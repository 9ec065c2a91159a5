/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The agent's shell: executes the decisions of agent/core on the loop: shims, attempt directories,
 * metrics files, one link to a controller. It decides nothing itself. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "protocol/wandb/wandb_exchange.h"
#include "sweep/trust/credential.h"

struct agent_key;
struct gpu_host;
struct link;
struct link_handler;
struct stream;
struct uv_loop_s;
struct value;
struct agent;

struct agent_renewal { /* sweep/trust/credential.h */
    char token[CREDENTIAL_ID_CHARS + 1], hash[CREDENTIAL_HASH_CHARS + 1];
};

struct agent_config {
    struct uv_loop_s *loop;
    const char *name;
    const char *dir;  /* absolute: run/, logs/ and trials/ are created in it */
    const char *shim; /* absolute path of besom-shim */
    const char *bin;  /* the folder of the besom binary: put last on the PATH of training */
    /* Absolute: a relative workdir of a sweep is below it; NULL: this process's. */
    const char *workdir;
    uint32_t slots;              /* without `gpus`, or if these are hidden */
    const struct value *host;    /* what its trials share, as in a hello; NULL: unknown */
    const struct gpu_host *gpus; /* must outlive it; NULL: the slots have no GPUs */
    uint32_t
        shares; /* trainings that will run at once, for their share of the processors; 0: slots */
    bool elsewhere;     /* other hosts may run its trials: a full disk hands them back */
    uint64_t spool_max; /* bytes that reports of attempts and their logs may take; 0: no bound */
    int64_t grace_ms;
    /* Opens a link to the controller (net/link.h): at the start, and again when a link is down,
     * after a wait that grows. An error at the start is the start's; later it means never again. */
    int (*connect)(void *arg, const struct link_handler *handler, struct link **ret,
                   struct err *err);
    /* The controller refuses this agent, or is another one than it should be: trying again does not
     * help. As in net/link.h; may be NULL. */
    void (*refused)(void *arg, int code, int status, const char *why);
    /* The controller asks for a new credential: makes one, and says what the controller is to know of
     * it. Then the controller has taken it, and the agent is to be known by it from now on; or why:
     * it has not. May be NULL. */
    int (*renew)(void *arg, struct agent_renewal *ret, struct err *err);
    int (*renewed)(void *arg, const char *why, struct err *err);
    uint32_t beat_ms, silent_ms; /* of the link; 0: those of net/link.h */
    void (*changed)(void *arg);  /* called when it may have become done, or its link is gone */
    /* A warning for a person, after which the agent continues; each text only once. */
    void (*warned)(void *arg, const char *text);
    /* No space is left for the files of an attempt, which is not the trial's fault: if this
     * function does not return, the attempt starts when the agent is started again. */
    void (*full)(void *arg, const struct err *err);
    /* Opens a connection for the snapshots that are missing here (agent/code/code_fetch.h). NULL:
     * all are in `dir`. */
    int (*reach)(void *arg, struct stream **ret, const char **host, const char **token,
                 struct err *err);
    /* Answers what wandb's client in training asks (agent/wandb/wandb_upstream.h). NULL: it is asked
     * where `reach` connects to, if that is not NULL. */
    void (*wandb)(void *arg, const struct agent_key *key, const struct wandb_ask *ask,
                  wandb_reply_fn fn, void *fn_arg);
    void *arg;
};

/* Ends the processes that dead shims left, finds the existing attempts, connects and sends its
 * hello. */
NODISCARD int agent_start(const struct agent_config *config, struct agent **ret, struct err *err);
/* Whether it is connected and has no attempt of this sweep left to work on; of any sweep, if it is
 * NULL. */
bool agent_is_done(const struct agent *a, const char *sweep);
bool agent_is_linked(const struct agent *a);
bool agent_is_welcome(const struct agent *a); /* at the controller that it is linked to */
/* The process is about to end (agent/core/agent_leave.h): ends its trainings, whose trials go back to
 * the queue at no cost. Again: kills them. */
void agent_leave(struct agent *a, bool preempted);
/* Whether the process should end: it was asked to leave, or was drained, and is done with it. */
bool agent_has_left(const struct agent *a);
/* Bytes of what wandb logged that the controller does not have yet. */
uint64_t agent_wandb_waiting(const struct agent *a);
/* Whether all that is left to do for its attempts is to read the files that wandb left. The next agent
 * in its folder can do that as well. */
bool agent_only_reads(const struct agent *a);
/* Closes the link and all handles; training keeps running. The loop must continue until all is
 * closed; then call agent_free. */
void agent_close(struct agent *a);
void agent_free(struct agent *a);
