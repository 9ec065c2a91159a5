/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Artifacts as documents:
 *   of a project   [{"name":…,"type":…,"description":…,"created":…,"versions":n,"latest":its newest version, or null}]
 *   a collection   {"name":…,"type":…,"description":…,"created":…,"versions":[…]}
 *   a version      {"n":number,"name":…,"type":…,"version":…,"aliases":[…],"tags":[…],"description":…,"digest":…,"size":…,"files":n,
 *                   "created":…,"by":run or null}; alone also "metadata", "contents" ([{"name":…,"bytes":…,"ref":…}]) and "lineage"
 *   of a run       {"made":[…],"used":[…]}
 * A lineage is {"nodes":[{"id":…,"kind":"artifact" or "run","depth":…,…}],"edges":[[from,to]],"more":…}: what led to the version (depth < 0) and what
 * came of it; "more" where it was cut. Tables of runs are left out of it. */
#include "base/value.h"
#include "orchestrator/runs/runs_artifact.h"
#include "orchestrator/runs/runs_run.h"

enum { DOCUMENT_ARTIFACTS_FILES = 2000, DOCUMENT_ARTIFACTS_LIST = 1000 };

NODISCARD int document_artifacts_of_run(struct runs *r, struct arena *a, const struct runs_run *run,
                                        struct value **ret, struct err *err);
/* query: a dict of texts: entity and project; name: of a collection; version: a number ("v3") or an alias. */
NODISCARD int document_artifacts_find(struct runs *r, struct arena *a, const char *dir,
                                      const struct value *query, struct value **ret,
                                      struct err *err);
