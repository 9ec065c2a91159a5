/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The manifest of an artifact, which names its files: made of what its runs have sent. A full one is kept as it is; others add to what there is, or to the manifest of the version that they build on. */
#include "orchestrator/runs/runs_artifact.h"
#include "orchestrator/wandb/desk_call.h"

#define ARTIFACT_MANIFEST "manifest" /* the name of the file; those of runs have others */

/* Sets manifest, size and files of v, and gives it the names of files that it shares with others. */
NODISCARD int artifact_merge(struct desk_call *c, struct runs_artifact *v, struct err *err);
