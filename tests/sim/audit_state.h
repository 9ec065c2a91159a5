/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the audit remembers. Only the files named audit* look inside. */
#include "orchestrator/core/effects.h"
#include "orchestrator/core/replay.h"
#include "sweep/fact.h"
#include "tests/sim/sweeps.h"

enum { AUDIT_ASIDES_MAX = 8 };

struct aside_audit { /* of an attempt that was lost, while a later one has its place */
    uint32_t attempt;
    uint64_t points[FACT_STREAMS], stored[FACT_STREAMS];
    double life;
};

struct trial_audit {
    int terminal;                                /* -1: none yet */
    uint32_t attempt, newest;                    /* the current attempt; the number given last */
    struct aside_audit asides[AUDIT_ASIDES_MAX]; /* attempt 0: unused */
    uint64_t lost_on[SIM_AGENTS_MAX / 64 + 1];   /* bit n: on host n, since the last retry */
    uint64_t given_up;             /* bit n: attempt n may live on, the books have moved on */
    uint64_t lost_bits;            /* bit n: attempt n was lost with its agent, or superseded */
    uint64_t unkillable;           /* bit n: on its host's word */
    uint64_t forgotten;            /* bit n: attempt n was lost with a forgotten agent */
    uint64_t points[FACT_STREAMS]; /* of the newest attempt, as the two that follow */
    uint64_t stored[FACT_STREAMS];
    double life;
    uint32_t failed, lost;         /* attempts, by whose fault */
    bool superseded;               /* it ended so, and is about to be replaced */
    bool stopped;                  /* somebody stopped it, and did not have it run again */
    bool ended, retried, was_lost; /* was_lost: the current attempt, and may return */
};

struct sweep_audit {
    const struct sweep *sweep;
    struct strategy *reference; /* makes the proposals of a run that nothing disturbs */
    size_t reference_n;         /* how many there are without enqueued ones */
    size_t proposed, enqueued;  /* enqueued: of those proposed */
    struct trial_audit trials[SWEEP_TRIALS_MAX];
    struct replay replay; /* derives its decisions again, fed with the durable facts */
    bool edited;          /* agents are told of it again */
    bool only_asked;      /* it had ended, and somebody enqueued a trial */
    /* of the controller that lives */
    bool in_core;
    uint32_t asked; /* proposals that were being made before a step */
    bool ended;     /* there, at ended_ms */
    int64_t ended_ms;
};

struct audit {
    struct sweep_audit sweeps[SIM_SWEEPS_MAX];
    uint64_t epoch; /* of what is remembered of the controller that lives */
    uint64_t seq;   /* its last fact before a step */
    bool due;       /* more than the event called for a step: something was due */
    struct {        /* agents that are away, before a tick */
        char name[8];
        int64_t away_ms;
    } away[SIM_AGENTS_MAX];
    size_t away_n;
    uint64_t overdue; /* the agent that was to be forgotten after the last turn, and since when */
    int64_t overdue_ms;
    unsigned char *told; /* by link: sweeps that its agent was told of, 1 << index */
    size_t told_n, told_cap;
};

/* NULL where there is no such sweep or trial, which is a failure then. */
struct sweep_audit *audit_sweep(struct sim *s, const char *id);
struct trial_audit *audit_trial(struct sim *s, const char *id, uint64_t trial);
/* The attempt was lost since somebody had its agent forgotten. */
bool audit_was_forgotten(const struct trial_audit *t, uint64_t attempt);
/* Where only besom itself dies, no attempt is lost but those of agents that somebody has forgotten. */
bool audit_only_besom_dies(const struct sim *s, const struct sweep *w);

/* audit_say.c: what an agent is told to forget at its hello. */
void audit_say_forgets(struct sim *s, const struct event *ev, const struct effect *effects,
                       size_t n);

/* audit_fleet.c: what trials get of agents. */
void audit_fleet_launched(struct sim *s, const struct fact *f);
/* The sweep has a trial to launch; no other that has one has a higher priority than that. */
void audit_fleet_keeps(struct sim *s, const struct sweep *w, int highest_other);

/* audit_sweep.c: facts that are about the sweep, or about what runs next. */
void audit_sweep_init(struct sim *s, struct sweep_audit *a);
void audit_sweep_proposed(struct sim *s, struct sweep_audit *a, const struct fact *f);
void audit_sweep_moved(struct sweep_audit *a, const struct fact *f);
void audit_sweep_launching(struct sim *s, const struct fact *f);
void audit_sweep_decided(struct sim *s, struct sweep_audit *a, const struct fact *f);
