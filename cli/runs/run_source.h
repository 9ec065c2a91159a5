/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The documents of orchestrator/runs/runs_answer.h, from the store or from the controller. */
#include "cli/look/looking.h"

/* The projects, the one with the newest run first. */
NODISCARD int run_source_projects(struct looking *l, const struct value **ret, struct err *err);

struct run_source_query {
    const char *entity, *project;
    const char *filters, *order; /* filters may be NULL */
    uint64_t limit;              /* 0: all */
};
NODISCARD int run_source_runs(struct looking *l, const struct run_source_query *q,
                              const struct value **ret, struct err *err);
/* One run whole; entity and project NULL: the newest of that name. */
NODISCARD int run_source_run(struct looking *l, const char *entity, const char *project,
                             const char *name, const struct value **ret, struct err *err);
