/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A request that came over the control socket: one line of JSON, read and checked. Knows no socket.
 *   {"op":"pause","sweep":ID}: resume, stop, cancel, alike; run, which has the process run the
 *       trials of a sweep that is not its own; keep, which has it do so until the sweep's end
 *   {"op":"stop","sweep":ID,"trial":3}: that trial alone; "trials":[3,5]: these
 *   {"op":"retry","sweep":ID,"states":["failed"],"trials":[3]}: the trials of the list, or all where
 *       it is absent, that are in one of the states; {"quick":N} in place of the list: those of the newest N
 *       attempts that failed quickly
 *   {"op":"enqueue","sweep":ID,"repeats":N,"times":n}: trial N again, each time with another seed
 *   {"op":"enqueue","sweep":ID,"params":{…},"by":NAME,"repeats":N}: a configuration to run next; the
 *       last two may be absent
 *   {"op":"tag","sweep":ID,"trials":[3],"add":["good"],"remove":[]}: of the trials of the list, or of the
 *       sweep where it is absent
 *   {"op":"edit","sweep":ID,"fact":{"kind":"sweep_edited",…}}: the fact as the store keeps it
 *   {"op":"create","sweep":ID,"fact":{"kind":"sweep_created",…}}: alike; it is run
 *   {"op":"agent","agent":NAME,"state":"cordoned","by":NAME,"text":WHY}: or up, draining or forgotten; the last
 *       two may be absent
 *   {"op":"agents"}: all agents
 *   {"op":"token_create","fact":{"kind":"token_created",…}}: a credential, whose secret stays with the client
 *   {"op":"token_revoke","token":ID}
 *   {"op":"log","agent":NAME,…}: the fields of MESSAGE_LOG_READ but for its request
 *   {"op":"files","agent":NAME,…}: those of MESSAGE_FILES_READ
 * Of these, but for run, keep, create and the tokens', each may have
 *   "dry_run":true    it is not done: the answer is that of orchestrator/core/steer/effect.h
 *   "revision":N      as a dry run has told: where the sweep was steered since, ERR_STALE
 *   {"op":"waits","sweep":ID,"trial":3}: what the trial, or without one the sweep, waits for; the
 *       answer is {"waits":TEXT|null} */
#include "base/limits.h"
#include "orchestrator/core/event.h"

/* The most values that a request may have: those of the largest spec, and a few of its own. A
 * parsed value takes tens of bytes, far more than its text in the line. */
enum { CONTROL_REQUEST_VALUES = 2 * LIMIT_YAML_NODES };

enum control_kind {
    CONTROL_EVENT, /* something is to happen: the core answers it */
    CONTROL_LOG,   /* the others are questions, which the shell answers */
    CONTROL_WAITS,
    CONTROL_AGENTS
};

struct control_request {
    enum control_kind kind;
    const char *op;
    struct event
        event; /* with its kind, sweep and what that kind asks for; questions have the sweep */
    struct message log; /* of CONTROL_LOG: of a log or of files, with the name of the agent */
    int64_t trial;      /* of CONTROL_WAITS; -1: none */
    uint64_t sender; /* the number of a credential, whose questions are bounded; 0: this host's */
};

/* What it points to lives in the arena. Where the request is none, *ret has op and sweep where they
 * could be read, for the log. */
NODISCARD int control_request_parse(struct arena *a, const char *line, size_t len,
                                    struct control_request *ret, struct err *err);
