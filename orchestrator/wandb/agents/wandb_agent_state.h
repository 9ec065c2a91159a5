/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The state of an agent of wandb's client (wandb_agent.h), and what it says to the controller. Decides
 * nothing. */
#include "protocol/message.h"

enum {
    WANDB_AGENT_HOLD_MS = 20000,  /* a heartbeat that has no command is answered by then */
    WANDB_AGENT_GRACE_MS = 5000,  /* for the last words of a run that is no longer named */
    WANDB_AGENT_LOST_MS = 300000, /* of silence, with a run; or of its run's, if that is shorter */
    WANDB_AGENT_IDLE_MS = 60000,  /* of silence, without one */
    WANDB_AGENT_GIVES_MAX = 3     /* how often a run is given that never shows */
};

enum wandb_task_state {
    TASK_NEW,
    TASK_READY,
    TASK_GIVEN,
    TASK_LIVE,
    TASK_OVER,
    TASK_ENDED,
    TASK_DONE /* acknowledged, and still named */
};

struct wandb_task { /* an attempt, and its run */
    uint64_t trial, attempt;
    enum wandb_task_state state;
    struct arena kept;
    const struct value *params; /* in it */
    bool launched;              /* over this link: its offset is known */
    bool named;                 /* by the last heartbeat */
    bool over_beat;             /* done, and a heartbeat has come since it ran */
    bool stop;                  /* the controller wants it to end */
    bool forgotten;             /* … and no report of that */
    bool timed;                 /* it has run for longer than its sweep allows */
    bool again;                 /* its run has begun in an earlier attempt */
    bool preempting, complete;
    int code;
    int gives;
    int64_t given_ms, missing_ms; /* 0: not yet; it is not missing */
    int64_t over_ms, over_wall_ms;
    const char *why;      /* it has ended without saying so; NULL */
    uint64_t rows, acked; /* of this attempt; after its end one more, its summary */
    bool feeding;         /* rows were asked for, or sent and not acknowledged yet */
};

struct wandb_agent {
    char name[64], sweep[16];
    char store[64], program[256];
    uint64_t epoch;
    bool up;      /* welcomed */
    bool offered; /* its slot, when it was last described */
    bool over;    /* nothing will be given any more: it is to exit */
    int64_t lost_ms;
    int64_t time_ms; /* that a run may take; 0: no limit */
    int64_t heard_ms;
    int64_t hold_ms; /* when the heartbeat that waits is answered at the latest; 0: none waits */
    struct wandb_task *tasks;
    size_t n, cap;
};

enum wandb_effect_kind {
    WANDB_EFFECT_SEND,   /* message: to the controller */
    WANDB_EFFECT_RECORD, /* task: record its run, and call wandb_agent_ran() */
    WANDB_EFFECT_FEED,  /* task, from, to: rows to send as metrics, or at least the first of them */
    WANDB_EFFECT_ENDED, /* task: it ended without saying so */
    WANDB_EFFECT_ANSWER, /* command, task: the answer to the heartbeat */
    WANDB_EFFECT_GONE    /* silent_ms: leave the controller, and free the agent */
};

enum wandb_command { WANDB_NOTHING, WANDB_RUN, WANDB_RESUME, WANDB_STOP, WANDB_EXIT };

struct wandb_effect {
    enum wandb_effect_kind kind;
    enum wandb_command command;
    struct message message;
    const struct wandb_task *task; /* valid until the next step */
    uint64_t trial, attempt, from, to;
    int64_t silent_ms;
};

struct wandb_effects { /* in order; all of it lives in the arena */
    struct arena *arena;
    struct wandb_effect *items;
    size_t n, cap;
};

struct wandb_now {
    int64_t ms, wall_ms;
};

struct wandb_effect *wandb_agent_effect(struct wandb_effects *out, enum wandb_effect_kind kind,
                                        const struct wandb_task *t); /* t: may be NULL */
struct wandb_task *wandb_agent_task(const struct wandb_agent *a, uint64_t trial,
                                    uint64_t attempt); /* NULL: none */
struct wandb_task *wandb_agent_add_task(struct wandb_agent *a, uint64_t trial, uint64_t attempt);
void wandb_agent_drop_task(struct wandb_agent *a, struct wandb_task *t);
/* leaves: its process ends, and it offers no slot any more. */
void wandb_agent_say_hello(const struct wandb_agent *a, bool leaves, struct wandb_effects *out);
void wandb_agent_say_slots(const struct wandb_agent *a, struct wandb_effects *out);
/* Sends on what the run has recorded, and then its end; one piece, until it is acknowledged. */
void wandb_agent_push(struct wandb_agent *a, struct wandb_task *t, struct wandb_effects *out);
