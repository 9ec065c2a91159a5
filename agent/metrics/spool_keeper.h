/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Keeps what an agent's attempts have on the disk, while the controller takes none of it, below a
 * bound: it gives up the middle of logs first, then lines that the controller has, then the oldest
 * lines that it has not, and says so. Never the ends of attempts. */
#include "agent/metrics/readers.h"

enum { SPOOL_KEEPER_LOOK_MS = 2000 };

struct spool_keeper {
    uint64_t max; /* bytes; 0: no bound */
    const char *dir;
    const struct agent_core *core;
    const struct readers *readers;
    void (*warned)(void *arg, const char *text); /* each text only once matters */
    void *arg;
};

/* full: the disk has no room, whatever the bound is: nothing that the controller has not is given
 * up for that. */
void spool_keeper_look(const struct spool_keeper *k, bool full);
/* The text of an attempt's end, with the lines that were given up; in the arena. */
const char *spool_keeper_say(struct arena *a, const char *dir, const char *text);
