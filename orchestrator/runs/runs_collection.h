/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Collections of artifacts. Each has a name that is unique in its project, and a type. Strings live in the
 * arena. */
#include "base/arena.h"
#include "orchestrator/runs/runs.h"
#include "orchestrator/store/store_sql.h"

struct runs_collection {
    int64_t n, project_n; /* n 0: not stored yet */
    const char *entity, *project, *type, *name;
    const char *description; /* NULL: none */
    int64_t created;         /* ms since 1970 */
    int64_t versions;        /* how many it has had */
};

/* Finds the collection, or makes it, and its project. ERR_STATE: it has another type. */
NODISCARD int runs_collection_make(struct runs *r, struct arena *a, const char *entity,
                                   const char *project, const char *type, const char *name,
                                   int64_t now, struct runs_collection *ret, struct err *err);
NODISCARD int runs_collection_find(struct runs *r, struct arena *a, const char *entity,
                                   const char *project, const char *name,
                                   struct runs_collection *ret, struct err *err);
NODISCARD int runs_collection_get(struct runs *r, struct arena *a, int64_t n,
                                  struct runs_collection *ret, struct err *err);
/* All those of a project, of one type if type is not NULL, by name. */
NODISCARD int runs_collection_list(struct runs *r, struct arena *a, const char *entity,
                                   const char *project, const char *type,
                                   void (*fn)(void *arg, const struct runs_collection *c),
                                   void *arg, struct err *err);
NODISCARD int runs_collection_put(struct runs *r, const struct runs_collection *c, struct err *err);
/* With its versions. */
NODISCARD int runs_collection_drop(struct runs *r, int64_t n, struct err *err);

/* What runs_collection_read() reads from the first columns of a row, of collection c and project p. */
#define RUNS_COLLECTION_COLUMNS \
    "c.n, c.project, p.entity, p.name, c.type, c.name, c.description, c.created, c.versions"
void runs_collection_read(struct arena *a, sqlite3_stmt *st, struct runs_collection *ret);
