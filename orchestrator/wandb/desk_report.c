/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/wandb/desk_report.h"

#include <string.h>

#include "orchestrator/runs/runs_sweep.h"

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

int desk_report_find(struct runs *r, struct arena *a, const struct runs_run *run,
                     struct desk_report *ret, struct err *err)
{
    struct runs_sweep sweep;
    struct err none = {0};
    *ret = (struct desk_report){0};
    int rc = run->sweep ? runs_sweep_find(r, a, run->sweep, &sweep, &none) : ERR_NOT_FOUND;
    if (rc == ERR_NOT_FOUND)
        return 0;
    if (rc != 0)
        return err_set(err, rc, "%s", none.text);
    if (strcmp(sweep.entity, run->entity) == 0 && strcmp(sweep.project, run->project) == 0)
        *ret = desk_report_of(run);
    return 0;
}
