/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_report.h"

struct desk_report desk_report_of(const struct runs_run *run)
{
    if (!run->sweep)
        return (struct desk_report){0};
    return (struct desk_report){.run = run->name,
                                .sweep = run->sweep,
                                .rows = (uint64_t)run->lines[RUNS_HISTORY],
                                .begun = run->state != RUNS_PENDING,
                                .preempting =
                                    run->state == RUNS_PREEMPTING || run->state == RUNS_PREEMPTED,
                                .complete = runs_run_has_ended(run->state),
                                .code = run->exited ? (int)run->exit_code : 1};
}
