/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Documents that people make on the page: named views of a sweep, and reports. Nothing is decided by them,
 * so they are not facts; they are kept here, where one process writes, and backups and checks see them. */
#include "base/value.h"
#include "orchestrator/runs/runs.h"

struct runs_page {
    const char *id, *kind;   /* kind: "view" or "report" */
    const char *sweep;       /* of a view; "" of none */
    const char *name, *body; /* body: JSON; NULL where it was not asked for */
    const char *made_by, *changed_by;
    int64_t made, changed; /* ms since 1970 */
    int64_t revision;      /* from 1; each change adds one */
};

/* Adds the document, or replaces that of the same id. */
NODISCARD int runs_page_put(struct runs *r, const struct runs_page *p, struct err *err);
/* ERR_NOT_FOUND: there is none of this kind. */
NODISCARD int runs_page_find(struct runs *r, struct arena *a, const char *kind, const char *id,
                             struct runs_page *ret, struct err *err);
NODISCARD int runs_page_remove(struct runs *r, const char *kind, const char *id, struct err *err);
NODISCARD int runs_page_count(struct runs *r, const char *kind, int64_t *ret, struct err *err);
/* All of this kind, by name, with their bodies if `whole`; what fn is given is valid until it returns. */
NODISCARD int runs_page_read(struct runs *r, const char *kind, bool whole,
                             void (*fn)(void *arg, const struct runs_page *p), void *arg,
                             struct err *err);
