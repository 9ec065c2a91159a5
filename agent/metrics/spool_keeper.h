/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Keeps what an agent's attempts have on the disk, while the controller takes none of it, below a
 * bound: it gives up the middle of logs first, then lines that the controller has, then the oldest
 * lines that it has not, and says so. Never the ends of attempts. */
#include "agent/metrics/readers.h"

struct uv_loop_s;
struct spool_keeper;

struct spool_keeper_config {
    uint64_t max; /* bytes; 0: no bound */
    const char *dir;
    const struct agent_core *core;
    const struct readers *readers;
    void (*warned)(void *arg, const char *text); /* a text may come again and again */
    void *arg;
};

/* Looks every two seconds. Where the disk is full, whatever the bound is, it gives up nothing that
 * the controller does not have, but for logs. What the config points to must outlive it. */
struct spool_keeper *spool_keeper_new(struct uv_loop_s *loop, const struct spool_keeper_config *c);
void spool_keeper_close(struct spool_keeper *k); /* frees itself from the loop */
/* The text of an attempt's end, with the lines that were given up; in the arena. */
const char *spool_keeper_say(struct arena *a, const char *dir, const char *text);
