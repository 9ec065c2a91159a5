/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the page shows of runs and artifacts (docs/openapi.yaml):
 *   runs/NAME/page        the run with "plots" and "viz" (what wandb.plot and wandb.sklearn say of their charts), "lines" of each stream, "files" and "alerts"
 *   runs/NAME/keys        ?what=history or events
 *   runs/NAME/curves      ?cols=[KEY,…]&x=KEY&points=N&what=
 *   runs/NAME/media       ?cols=[KEY,…]
 *   runs/NAME/table       ?path=FILE&place=ARTIFACT&sort=COLUMN&desc=1&skip=N&limit=N
 *   runs/NAME/log         ?skip=N&limit=N; without skip the last ones
 *   runs/NAME/artifacts
 *   artifacts             ?entity=E&project=P&name=C&version=V
 * A run is found by ?entity=E&project=P, without both by its name alone. as=maybe: null where there is none. */
#include <stdatomic.h>
#include "base/buf.h"
#include "base/value.h"
#include "orchestrator/runs/runs_file.h"
#include "orchestrator/runs/runs_run.h"

/* Whether the path is one of these. */
bool document_is(const char *path);
struct document_question {
    struct runs *runs; /* NULL: no script has recorded anything here */
    struct arena *arena;
    const char *dir; /* of the store */
    const char *path;
    const struct value *query; /* nan=bare: NaN and infinities as Python prints them */
    const atomic_bool *gone;   /* nobody waits for the answer any more */
};
/* The answer as JSON. ERR_NOT_FOUND, ERR_USAGE: as of view_answer(). ERR_STALE: nobody waits. */
NODISCARD int document_answer(const struct document_question *q, struct buf *out, struct err *err);
/* Of "runs/NAME/file?name=" and "artifacts/NUMBER/file?name=". */
NODISCARD int document_file(const struct document_question *q, struct runs_file *ret,
                            struct err *err);
