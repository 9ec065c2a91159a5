/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The state of the controller's core: the books, which are the fold of the facts, and two indexes
 * over them that are rebuilt at each start. Only the files named controller_* use it. */
#include "orchestrator/core/effects.h"
#include "orchestrator/core/event.h"
#include "orchestrator/core/fleet/fleet.h"
#include "orchestrator/core/schedule.h"

struct controller {
    struct books books;
    struct fleet fleet;
    struct schedule schedule;
    char store[64];
    uint64_t epoch;
    int64_t started_ms, stepped_ms;
    int64_t lost_from_ms; /* before this, no agent is lost: this process was suspended itself */
    int64_t lost_ms;      /* CONTROLLER_LOST_MS, unless a test wants it shorter */
    bool admit_all;       /* trials of every sweep may be launched, including later ones */
    bool draining, hurry;
    /* Since 1970: sessions of credentials that expired until then have ended; the next expiry; and
     * how far the wall clock was ahead of the steady one in the last step. */
    int64_t expired_ms, expiry_ms, wall_ahead_ms;
    int64_t renewal_ms; /* since 1970: when an agent is next asked to renew its credential */
};
