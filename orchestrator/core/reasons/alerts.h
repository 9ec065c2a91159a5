/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What deserves attention, as a list of {"kind", "text", "n", …}: one message for each cause, with a count.
 * Judges values that others read: knows no clock, no store and no fleet. */
#include <stdint.h>
#include "base/value.h"

enum {
    ALERTS_STREAK = 5,        /* failures in a row that are told */
    ALERTS_RECENT = 20,       /* ended trials by which the failure rate is judged … */
    ALERTS_RATE_PERCENT = 30, /* … from this on */
    ALERTS_SILENT_TIMES = 4,  /* the usual duration, without the end of a trial */
    ALERTS_BUDGET_PERCENT = 80,
};

struct alerts_budget {
    const char *what; /* "12 of 15 GPU-hours" */
    double used;      /* 0 to 1 */
};

struct alerts_sweep {
    uint64_t ended, failed;         /* trials; of those that ended, failed */
    uint64_t recent, recent_failed; /* of the last ALERTS_RECENT */
    uint64_t streak;                /* failures since a trial ended well */
    uint64_t last_failed;           /* number of the newest failed trial */
    uint64_t running;               /* trials */
    const struct value *lost;       /* of them, those whose metric stays NaN; NULL: none */
    const char *metric;
    double silent_s, usual_s; /* since a trial ended or started; 0: unknown */
    const struct alerts_budget *budgets;
    size_t budgets_n;
};

/* agents: as controller_agent_list() makes it. */
struct value *alerts_of_agents(const struct value *agents, struct arena *a);
struct value *alerts_of_sweep(const struct alerts_sweep *s, struct arena *a);
