/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What an agent is started with, and what it calls its owner for. */
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
    /* renew: the controller asks for a new credential; makes one, and returns what the controller may know of it.
     * renewed: the controller has accepted it, and the agent uses it from now on; `why`: it has refused it, for this
     * reason. Both may be NULL. */
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
