/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The names of files, and the content that each has: of runs, of artifacts, and manifests of artifacts. The
 * content is in orchestrator/runs/files/. Strings live in the arena. */
#include "base/arena.h"
#include "orchestrator/runs/runs.h"
#include <stdint.h>

enum runs_file_kind { RUNS_FILE_RUN, RUNS_FILE_ARTIFACT, RUNS_FILE_MANIFEST };
enum { RUNS_FILE_MD5_BYTES = 16 };

struct runs_file {
    int64_t n; /* its number; 0: not stored yet */
    enum runs_file_kind kind;
    int64_t owner; /* the number of the run or artifact */
    const char *name;
    const char *hash; /* SHA-256 of its content; NULL: it is announced, and has not come */
    int64_t size;     /* bytes */
    bool has_md5;
    unsigned char md5[RUNS_FILE_MD5_BYTES];
    int64_t updated; /* ms since 1970 */
};

/* Stores it, or what is new of it; sets its number. */
NODISCARD int runs_file_put(struct runs *r, struct runs_file *f, struct err *err);
/* ERR_NOT_FOUND: there is none. */
NODISCARD int runs_file_find(struct runs *r, struct arena *a, enum runs_file_kind kind,
                             int64_t owner, const char *name, struct runs_file *ret,
                             struct err *err);
NODISCARD int runs_file_get(struct runs *r, struct arena *a, int64_t n, struct runs_file *ret,
                            struct err *err);
/* Any file of an artifact with that content, which has come. */
NODISCARD int runs_file_find_md5(struct runs *r, struct arena *a,
                                 const unsigned char md5[RUNS_FILE_MD5_BYTES],
                                 struct runs_file *ret, struct err *err);
/* Those that have come, by name, after the name `after` ("": from the first), until fn returns false. */
NODISCARD int runs_file_list(struct runs *r, struct arena *a, enum runs_file_kind kind,
                             int64_t owner, const char *after,
                             bool (*fn)(void *arg, const struct runs_file *f), void *arg,
                             struct err *err);
NODISCARD int runs_file_count(struct runs *r, enum runs_file_kind kind, int64_t owner, int64_t *ret,
                              struct err *err);
NODISCARD int runs_file_drop(struct runs *r, int64_t n, struct err *err);
NODISCARD int runs_file_drop_of(struct runs *r, enum runs_file_kind kind, int64_t owner,
                                struct err *err);
/* All content that a file has, each once. */
NODISCARD int runs_file_each_hash(struct runs *r, void (*fn)(void *arg, const char *hash),
                                  void *arg, struct err *err);
