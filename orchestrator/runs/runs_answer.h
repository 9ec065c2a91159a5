/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The documents about runs that a controller serves (docs/openapi.yaml), which commands read from a folder too:
 *   runs                                         each project, as runs_query_projects() gives it
 *   runs?entity=E&project=P&filters=&order=&skip=N&limit=N
 *                                                {"total":n,"runs":[…]}, each as in runs_value.h with config and summary; as=short:
 *                                                of media in the summary only their type
 *   runs/NAME?entity=E&project=P                 one run with "last_rows", "log", "files" and "alerts" as well; without entity and project the
 *                                                newest of that name
 * Knows no HTTP. */
#include "base/value.h"
#include "orchestrator/runs/runs_run.h"

enum {
    RUNS_ANSWER_RUNS = 1000,
    RUNS_ANSWER_RUNS_MAX = 10000,
    RUNS_ANSWER_ROWS = 10,
    RUNS_ANSWER_FILES = 1000
};

/* r NULL: no script has recorded anything here. query: a dict of texts. ERR_NOT_FOUND, ERR_USAGE: as of view_answer(). */
NODISCARD int runs_answer(struct runs *r, struct arena *a, const char *path,
                          const struct value *query, struct value **ret, struct err *err);
/* That run with "files" and "alerts". */
NODISCARD int runs_answer_of(struct runs *r, struct arena *a, const struct runs_run *run,
                             struct value **ret, struct err *err);
