/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One story: the real cores of controller, agent and shim over a clock, links, disks and processes
 * made up from one seed. Nothing here may depend on a pointer's value, on the machine or on the
 * time of day; every draw comes from a stream of its own subsystem. docs/SIMULATOR.md */
#include <stdbool.h>

#include "base/arena.h"
#include "base/number/rng.h"

struct sim;
struct sweep; /* tests/sim/sweeps.h */
typedef void (*sim_fn)(struct sim *s, void *who, uint64_t generation);

enum sim_stream {
    SIM_R_OPTIONS,
    SIM_R_TIES,
    SIM_R_LINKS,
    SIM_R_SERVER,
    SIM_R_HOSTS,
    SIM_R_PROCESSES,
    SIM_R_FAULTS,
    SIM_R_DISK,
    SIM_R_COMMANDS,
    SIM_R_THINKER,
    SIM_R_WRITER,
    SIM_R_CLOCKS,
    SIM_R_MORE, /* options, beside SIM_R_OPTIONS */
    SIM_STREAMS
};

/* What may go wrong, and what training is like: each seed turns some of it on. */
#define SIM_FAULTS(X)                    \
    X(KILL_SERVER, "kill-controller")    \
    X(KILL_AGENT, "kill-agent")          \
    X(KILL_SHIM, "kill-shim")            \
    X(STOP_SHIM, "stop-shim")            \
    X(KILL_TRAINING, "kill-training")    \
    X(REBOOT, "reboot")                  \
    X(LEAVE, "leaving-agents")           \
    X(SLOTS, "changing-slots")           \
    X(LINKS, "links")                    \
    X(DUPLICATES, "duplicates")          \
    X(LONG, "long-outages")              \
    X(SERVER_DISK, "controller-disk")    \
    X(HOST_DISK, "agent-disk")           \
    X(TURNS, "die-in-a-turn")            \
    X(COMMANDS, "commands")              \
    X(ENDINGS, "stop-or-cancel")         \
    X(NO_IDEA, "failing-strategy")       \
    X(SHUTDOWN, "shutdown")              \
    X(FAILURES, "failing-training")      \
    X(STUBBORN, "ignores-sigterm")       \
    X(DAEMONS, "daemons")                \
    X(HANGS, "hangs")                    \
    X(NO_NEWLINE, "no-last-newline")     \
    X(UNKILLABLE, "unkillable")          \
    X(PREEMPT, "preemption")             \
    X(DUTIES, "cordons")                 \
    X(SUSPEND, "suspended-controller")   \
    X(SUSPEND_AGENT, "suspended-agents") \
    X(CUTS, "partitions")                \
    X(CLOCKS, "clocks")                  \
    X(ENQUEUE, "enqueue")                \
    X(OLD_DISK, "lost-or-old-agent-state")

enum sim_fault {
#define X(id, name) SIM_##id,
    SIM_FAULTS(X)
#undef X
        SIM_FAULT_COUNT
};

enum { SIM_AGENTS_MAX = 200, SIM_SWEEPS_MAX = 4, SIM_WALL_MS = 1000000000 };

struct sim_options {
    uint32_t faults; /* 1 << enum sim_fault */
    bool together;   /* controller and the only agent in one process, as `besom run` */
    bool sizes;      /* agents have GPUs, cores, memory and labels; trials need some of each */
    int sweeps, agents, slots[SIM_AGENTS_MAX];
    int64_t chaos_ms, fault_ms, latency_ms, grace_ms;
    int64_t lost_ms;    /* away for longer, an agent has lost its attempts */
    int64_t turn_ms;    /* that events may wait for their turn: they gather */
    int64_t write_ms;   /* that a commit takes at most; 0: it is done within its turn */
    int64_t think_ms;   /* that proposals take at most */
    size_t batch_bytes; /* that one read of metrics takes at most */
    int lines;          /* that a training writes at most */
    int64_t pace_ms;    /* between two of them, at most */
};

struct sim_timer {
    int64_t at;
    uint64_t tie, seq;
    sim_fn fn;
    void *who;
    uint64_t generation;
};

struct sim {
    uint64_t seed;
    bool verbose, failed, healing;
    char failure[512];
    int64_t now;       /* ms; the steady clock of the controller and of training */
    int64_t wall_skew; /* of the controller's wall clock */
    uint64_t steps, hash;
    struct rng rng[SIM_STREAMS];
    struct sim_options options;
    struct arena arena; /* lives as long as the story */
    struct sim_timer *timers;
    size_t timers_n, timers_cap;
    uint64_t timers_seq;
    struct sweep *sweeps; /* options.sweeps of them */
    struct store *store;
    struct users *users;
    struct server *server;
    struct host *hosts; /* options.agents of them */
    struct links *links;
    struct audit *audit;
};

static inline bool sim_has(const struct sim *s, enum sim_fault fault)
{
    return (s->options.faults >> fault & 1) != 0;
}

/* Draws: true one time in n; in [from, to]. */
static inline bool sim_one_in(struct sim *s, enum sim_stream stream, uint64_t n)
{
    return rng_below(&s->rng[stream], n) == 0;
}
static inline int64_t sim_range(struct sim *s, enum sim_stream stream, int64_t from, int64_t to)
{
    return from + (int64_t)rng_below(&s->rng[stream], (uint64_t)(to - from + 1));
}

/* clock.c: what happens next. Timers of one moment come in an order drawn from the seed. */
void sim_after(struct sim *s, int64_t ms, sim_fn fn, void *who, uint64_t generation);
bool sim_next(struct sim *s); /* false where nothing is left to happen */
/* A line of the trace: hashed always, printed where it is verbose. */
void sim_trace(struct sim *s, const char *who, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* A promise was broken: the story ends here. */
void sim_fail(struct sim *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
