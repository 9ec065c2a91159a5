/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Lists of projects and runs: filtered, sorted, in pages. */
#include "orchestrator/runs/runs_run.h"
#include "protocol/wandb/wandb_filter.h"
#include "protocol/wandb/wandb_order.h"

/* Each project, the one with the newest run first: {"entity":…,"project":…,"number":…,"created":…,"runs":…,"running":…,
 * "last":when its newest run began}. entity NULL: of all. */
NODISCARD int runs_query_projects(struct runs *r, struct arena *a, const char *entity,
                                  struct value **ret, struct err *err);

struct runs_query {
    const char *entity, *project;
    const struct wandb_filter *filter; /* NULL: all */
    const struct wandb_order *order;   /* NULL: the oldest first */
};

/* The numbers of the runs that match, in their order. ERR_NOT_FOUND: there is no such project. */
NODISCARD int runs_query_find(struct runs *r, struct arena *a, const struct runs_query *q,
                              int64_t **ret, size_t *ret_n, struct err *err);
