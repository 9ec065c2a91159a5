/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* That a run of a sweep has reported, for the agent that it was given to. */
#include <stdint.h>
#include "orchestrator/runs/runs_run.h"

struct desk_report {
    const char *run, *sweep; /* NULL: nothing was reported */
    uint64_t rows;           /* of its history */
    bool begun, preempting, complete;
    int code;
};

/* Shares the run's texts. */
struct desk_report desk_report_of(const struct runs_run *run);
/* The same; nothing for a run of another project than its sweep's, which only has the name of a trial. */
NODISCARD int desk_report_find(struct runs *r, struct arena *a, const struct runs_run *run,
                               struct desk_report *ret, struct err *err);
