/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Artifacts: versions of collections of files, which runs make and use. A version is found by its number
 * ("v3") or by an alias ("latest"), which one version of the collection has. Strings live in the arena. */
#include "orchestrator/runs/runs_collection.h"

#define RUNS_ARTIFACT_STATES(X)         \
    X(RUNS_ARTIFACT_PENDING, "PENDING") \
    X(RUNS_ARTIFACT_COMMITTED, "COMMITTED")

enum runs_artifact_state {
#define X(id, name) id,
    RUNS_ARTIFACT_STATES(X)
#undef X
        RUNS_ARTIFACT_STATE_COUNT
};

struct runs_artifact {
    int64_t n; /* 0: not stored yet */
    struct runs_collection collection;
    int64_t version; /* from 0; -1: it is not committed yet */
    enum runs_artifact_state state;
    const char *digest;
    const char *client, *distributed, *description, *metadata; /* NULL: none */
    int64_t run, base;                                         /* 0: none */
    int64_t step;                                              /* -1: none */
    const char *tags;                                          /* a JSON list of texts */
    const char *aliases;  /* the same: to be given when it is committed */
    const char *manifest; /* hash of its content; NULL: it is not committed yet */
    int64_t manifest_size, size, files, created, updated;
};

const char *runs_artifact_state_name(enum runs_artifact_state state);

NODISCARD int runs_artifact_add(struct runs *r, struct runs_artifact *v, struct err *err);
NODISCARD int runs_artifact_put(struct runs *r, const struct runs_artifact *v, struct err *err);
/* Gives it the next version of its collection. */
NODISCARD int runs_artifact_number(struct runs *r, struct runs_artifact *v, struct err *err);
NODISCARD int runs_artifact_get(struct runs *r, struct arena *a, int64_t n,
                                struct runs_artifact *ret, struct err *err);
/* alias: or "v3". Only committed ones. */
NODISCARD int runs_artifact_find(struct runs *r, struct arena *a, int64_t collection,
                                 const char *alias, struct runs_artifact *ret, struct err *err);
NODISCARD int runs_artifact_find_digest(struct runs *r, struct arena *a, int64_t collection,
                                        const char *digest, struct runs_artifact *ret,
                                        struct err *err);
NODISCARD int runs_artifact_find_distributed(struct runs *r, struct arena *a, int64_t collection,
                                             const char *id, struct runs_artifact *ret,
                                             struct err *err);
NODISCARD int runs_artifact_find_client(struct runs *r, struct arena *a, const char *client,
                                        struct runs_artifact *ret, struct err *err);
NODISCARD int runs_artifact_put_client(struct runs *r, const char *client, int64_t n,
                                       struct err *err);
NODISCARD int runs_artifact_drop(struct runs *r, int64_t n, struct err *err);
/* Drops one version that began before that time and was never committed, if there is any. */
NODISCARD int runs_artifact_drop_stale(struct runs *r, int64_t collection, int64_t before,
                                       struct err *err);

enum runs_artifact_list {
    RUNS_ARTIFACT_VERSIONS, /* committed ones of a collection, newest first */
    RUNS_ARTIFACT_OUTPUTS,  /* made by a run */
    RUNS_ARTIFACT_INPUTS,   /* used by a run */
};
/* After the artifact numbered `after` (0: from the first), until fn returns false. */
NODISCARD int runs_artifact_list(struct runs *r, struct arena *a, enum runs_artifact_list which,
                                 int64_t of, int64_t after,
                                 bool (*fn)(void *arg, const struct runs_artifact *v), void *arg,
                                 struct err *err);
NODISCARD int runs_artifact_count(struct runs *r, enum runs_artifact_list which, int64_t of,
                                  int64_t *ret, struct err *err);

NODISCARD int runs_artifact_use(struct runs *r, int64_t artifact, int64_t run, struct err *err);
/* The numbers of the runs that have used it. */
NODISCARD int runs_artifact_users(struct runs *r, int64_t artifact,
                                  void (*fn)(void *arg, int64_t run), void *arg, struct err *err);
/* Takes the alias from the version that has it. */
NODISCARD int runs_artifact_alias_put(struct runs *r, int64_t collection, const char *alias,
                                      int64_t artifact, struct err *err);
NODISCARD int runs_artifact_alias_drop(struct runs *r, int64_t collection, const char *alias,
                                       int64_t artifact, struct err *err);
/* of: an artifact, or a collection if `all`. */
NODISCARD int runs_artifact_aliases(struct runs *r, int64_t of, bool all,
                                    void (*fn)(void *arg, const char *alias), void *arg,
                                    struct err *err);
