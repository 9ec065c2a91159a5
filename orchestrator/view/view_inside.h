/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An open view, for the files that query it. */
#include <stdatomic.h>
#include "orchestrator/store/store_row.h"
#include "orchestrator/store/store_sql.h"

struct chunk_codec;
struct view_query;
struct view_proposal;

/* How a view asks another process (view_remote.h): the queries of view.h. */
struct view_remote {
    int (*find)(const struct view_remote *r, const char *what, const char *as, char id[16],
                bool *ret_trial, uint64_t *number, struct err *err); /* as: of view_answer.h */
    int (*find_path)(const struct view_remote *r, const char *path, const char *place, char id[16],
                     struct err *err);
    /* A document of view_answer.h; *ret is NULL where it is null. */
    int (*get)(const struct view_remote *r, struct arena *a, const char *path, struct value **ret,
               struct err *err);
    int (*trials)(const struct view_remote *r, const char *sweep, const struct view_query *q,
                  int (*fn)(void *arg, const struct value *trial), void *arg, struct err *err);
    int (*points)(const struct view_remote *r, const char *part, const char *sweep, uint64_t number,
                  uint32_t attempt, int (*fn)(void *arg, const struct value *point), void *arg,
                  struct err *err);
    int (*proposals)(const struct view_remote *r, const char *sweep,
                     void (*fn)(void *arg, const struct view_proposal *p), void *arg,
                     struct err *err);
    void (*close)(const struct view_remote *r);
};

struct view {
    const struct view_remote *remote; /* NULL: the store is here; else the rest is unused */
    sqlite3 *db;
    char *dir; /* or the address of that process */
    struct chunk_codec *codec;
    sqlite3_stmt *metrics;                  /* the last values of a trial */
    sqlite3_stmt *curve_row, *curve_chunks; /* a trial, and its points */
    sqlite3_stmt *ends, *rungs;             /* the end of a trial's attempt that counts */
    const atomic_bool *gone;                /* nobody waits for what is read; NULL: somebody does */
    bool served; /* for another machine: a name is not the path of a file */
};
