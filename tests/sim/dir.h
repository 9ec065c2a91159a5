/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An attempt's directory on a host's disk, as agent/attempt_dir.h and agent/metrics/spool.h find it: who
 * owns it, what the shim recorded, the metrics. A power cut takes back what was not synced. */
#include "agent/core/agent_core.h"
#include "agent/attempt_dir.h"
#include "base/buf.h"
#include "tests/sim/sim.h"

struct process;
struct host;

struct dir {
    struct agent_key key;
    struct host *host;
    bool exists, damaged; /* damaged: a power cut took something of it */
    struct buf owner, metrics[AGENT_STREAMS];
    size_t owner_synced, metrics_synced[AGENT_STREAMS];
    uint64_t lines[AGENT_STREAMS]; /* that training wrote */
    uint64_t lives;                /* how often training was started in it */
    struct process *owned_by;      /* the shim that claimed it */
    struct process *processes;     /* all that were ever started for it, newest first */
};

void dir_init(struct sim *s, struct dir *d, struct host *h, const struct agent_key *key);
void dir_done(struct dir *d);
int dir_make(struct dir *d);
void dir_probe(const struct dir *d, struct attempt_dir *ret);
int dir_close(struct dir *d);
void dir_trim(struct dir *d);
/* Whole lines from `from` on, as spool_read() gives them; returns the offset behind them. */
uint64_t dir_read(const struct dir *d, uint32_t stream, uint64_t from, bool last, size_t most,
                  struct buf *out, bool *ret_more);
void dir_power_cut(struct sim *s, struct dir *d);
