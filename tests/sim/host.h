/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A host: its disk and processes, and the agent on it, which is the real core in a model of the
 * shell agent/agent.c. */
#include "tests/sim/dir.h"
#include "tests/sim/link.h"

struct host {
    int index;
    char name[8]; /* the agent's too */
    uint64_t boot;
    bool disk_full;
    bool gone;            /* for good */
    int64_t cut_until_ms; /* no link comes up before */
    int64_t wall_skew;
    int rate;        /* thousandths of the right speed: its steady clock */
    struct map dirs; /* key -> struct dir *, those gone among them */

    bool alive; /* the agent's process, as all that follows */
    uint64_t generation;
    struct agent_core core;
    struct map jobs; /* key -> struct job *: a shim that lives, or that we wait for */
    struct link *link;
    struct arena in, out;
    struct agent_event *queue;
    size_t queued, queue_cap, taken;
    bool working;
    int64_t armed_at, load_ms;
    int64_t stopped_ms, wakes_ms; /* stopped by SIGSTOP until then: it does nothing */
};

#define HOST_DISK_BYTES (INT64_C(1) << 52)

struct job {
    struct process *process;
    bool found; /* not our child */
};

void hosts_init(struct sim *s);
void hosts_done(struct sim *s);
void hosts_start(struct sim *s); /* all of them, some late */
void host_start(struct sim *s, struct host *h);
/* The agent alone; it comes back by itself. */
void host_kill(struct sim *s, struct host *h, const char *why);
/* SIGSTOP to the agent, and SIGCONT so much later. */
void host_suspend(struct sim *s, struct host *h, int64_t ms);
bool host_is_suspended(const struct sim *s, const struct host *h);
/* No network for so long. */
void host_cut(struct sim *s, struct host *h, int64_t ms);
int64_t host_now(const struct sim *s, const struct host *h); /* by its steady clock */
void host_reboot(struct sim *s, struct host *h); /* a power cut; the agent comes back with it */
/* A signal to the agent: its host is taken away, or somebody interrupts it. */
void host_preempt(struct sim *s, struct host *h);
/* For good: the agent alone, or the host with all that runs on it. The first host stays. */
void host_leave(struct sim *s, struct host *h);
void host_frame(struct sim *s, struct host *h, struct link *l, const char *text, size_t len);
void host_down(struct sim *s, struct host *h, struct link *l);
/* Queues an event for the agent's core; key may be NULL. */
struct agent_event *host_queue(struct sim *s, struct host *h, enum agent_event_kind kind,
                               const struct agent_key *key);
bool host_is_idle(const struct host *h, const char *sweep); /* NULL: of any sweep */
void host_boot_id(const struct host *h, char out[SHIM_BOOT_BYTES]);
struct dir *host_dir(const struct host *h, const struct agent_key *key); /* NULL: never was */
/* The n-th process of the host for which `is` holds; NULL where there are fewer. Counts them. */
size_t host_processes(const struct host *h, bool (*is)(const struct process *p), size_t n,
                      struct process **ret);
