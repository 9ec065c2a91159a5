/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What led to a version of an artifact, and what came of it: see document_artifacts.h. */
#include "base/value.h"
#include "orchestrator/runs/runs_artifact.h"

enum { DOCUMENT_LINEAGE_NODES = 120 };

NODISCARD int document_lineage_make(struct runs *r, struct arena *a,
                                    const struct runs_artifact *version, struct value **ret,
                                    struct err *err);
