/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The input of the controller's core: one event for each step, with its time. Its pointers belong
 * to the caller and must be valid until the step returns. */
#include "protocol/message.h"
#include "strategies/strategy.h"
#include "sweep/fact.h"

enum event_kind {
    EVENT_TICK,
    EVENT_MESSAGE, /* link, message; of a hello, held, and token: the credential of the link, or NULL */
    EVENT_LINK_DOWN, /* link, silent_ms */
    EVENT_CREATE,    /* request, create: a fact of kind FACT_SWEEP_CREATED but for its time; most */
    EVENT_ADMIT,    /* sweep, or NULL for all: their trials may be launched by this process; most */
    EVENT_PROPOSED, /* sweep, proposals, known; `exhausted`: no more, text NULL or what went wrong */
    EVENT_COMMAND,  /* request, command, sweep */
    EVENT_RETRY,    /* request, sweep, retry */
    EVENT_STOP,     /* request, sweep, trial or trials: of these alone */
    EVENT_ENQUEUE,  /* request, sweep, enqueue */
    EVENT_AGENT,    /* request, agent */
    EVENT_TAG,      /* request, sweep, tag */
    EVENT_EDIT,     /* request, create: a fact of kind FACT_SWEEP_EDITED but for its time */
    EVENT_TOKEN_CREATE, /* request, create: a fact of kind FACT_TOKEN_CREATED but for its time, store, by */
    EVENT_TOKEN_REVOKE, /* request, token */
    EVENT_JOIN, /* request, token and hash of a join token; create: as of EVENT_TOKEN_CREATE, for an
                   * agent, whose `name` it has */
    EVENT_TOKEN_USED, /* token: a credential that was accepted */
    EVENT_ACTION,  /* request, create: a fact of kind FACT_ACTION but for its time: an action that
                   * never became an event, since it was refused before, or done elsewhere */
    EVENT_SHUTDOWN /* end the running trials of admitted sweeps, which can be resumed; again: kill
                     * them */
};

enum controller_command {
    COMMAND_PAUSE,
    COMMAND_RESUME,
    COMMAND_STOP,
    COMMAND_CANCEL,
    COMMAND_RUN, /* its trials may be launched by this process, as with EVENT_ADMIT */
    COMMAND_KEEP /* as COMMAND_RUN, and no other process will continue it */
};

/* Selects trials to run again, as new attempts. */
struct event_retry {
    unsigned states;         /* MACHINE_TO() of each state that is wanted; finished trials only
                              * where they have not reported the metric */
    const uint64_t *numbers; /* these trials and no others; NULL: all in those states */
    size_t numbers_n;
    uint32_t quick_n; /* not 0: of the newest so many attempts that failed quickly */
    /* Facts of kind FACT_RETRIED, but for their time: the trials as the store has them. */
    const struct fact *trials;
    size_t trials_n;
};

/* Configurations to run next. */
struct event_enqueue {
    const struct value *params; /* values of parameters, nested or by dotted names */
    const char *by;             /* who asked for it; may be NULL */
    bool repeats;               /* an earlier trial has it, number `of` */
    uint64_t of;
    uint32_t times;           /* not 0: that trial again so many times, in place of params */
    const struct value **all; /* those, of the trial of that number; the driver fills them in */
    const char *seed;         /* the parameter in which they differ; NULL: none */
    const char *lacks;        /* why there are only `left` of them; NULL: there are as many */
    size_t left;
};

/* Tags of trials, or of the sweep itself. */
struct event_tag {
    const struct value *trials; /* their numbers; NULL: the sweep */
    const struct value *add, *remove;
    const struct value
        *had; /* of each of them that has any: its number, or "", -> a list of tags */
};

/* What an agent may do from now on. */
struct event_agent {
    const char *name; /* or the beginning of it */
    enum duty duty;
    const char *by, *text; /* who asks for it, and why; may be NULL */
};

/* An attempt that an agent holds, as the store has it, where the books do not have its trial. One that
 * ended as lost was put into the books before the step (controller_take_trial). */
struct event_held {
    const char *sweep; /* NULL: the books have the trial, and nothing else is known here */
    uint64_t trial, attempt;
    bool removed;            /* the sweep is not there */
    const char *trial_state; /* the name of its state; NULL: there is no such trial */
    uint32_t current;        /* the attempt of the trial that counts */
    bool was_lost;           /* the attempt ended as lost with its agent */
    bool superseded;         /* it ended since another one continued */
    const char *fault;       /* why its rows cannot be read; NULL: they can */
};

struct event {
    enum event_kind kind;
    int64_t now_ms;    /* steady clock */
    int64_t wall_ms;   /* since 1970: only for the records */
    uint32_t link;     /* from 1 */
    int64_t silent_ms; /* since the link was last heard */
    const struct message *message;
    const struct fact *create;
    uint64_t most; /* how many trials of a sweep this process may run; 0: no bound */
    const char *sweep;
    const struct proposal *proposals;
    size_t proposals_n;
    uint64_t known; /* seq of the last fact whose results they knew */
    uint64_t asker; /* of the question that they answer */
    bool exhausted;
    const char *text;
    uint64_t request;
    /* Who asks: the id of a credential, or "local user NAME"; and from where. by NULL: besom itself,
     * and no record is kept. */
    const char *by, *from;
    bool dry; /* nothing is done: the reply says what would be (steer/effect.h) */
    uint64_t
        seen; /* the sweep's `steered` as who asks knows it: not done if it is another; 0: any */
    const char *token, *hash;
    enum controller_command command;
    uint64_t trial;
    const uint64_t *trials; /* of EVENT_STOP: these; NULL: `trial` alone */
    size_t trials_n;
    const struct event_retry *retry;
    const struct event_enqueue *enqueue;
    const struct event_agent *agent;
    const struct event_tag *tag;
    const struct event_held *held; /* of a hello: for each attempt in the list of its message */
};

/* The command that this word names: "pause", "resume", "stop", "cancel", "run", "keep"; -1 if
 * none. */
int event_command_find(const char *word);
/* What this event asks for, for the record of actions: "pause", "token create" …; NULL if nobody
 * asks for it. */
const char *event_what(const struct event *ev);
/* Copies what an event that somebody asks for points to into the arena. */
void event_keep(struct arena *a, struct event *ev);
