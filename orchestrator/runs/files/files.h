/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The files of runs and artifacts beside the store: DIR/files/ab/HASH, each named by the SHA-256 of its
 * content, so content is stored once. A file arrives in DIR/files/parts, and moves to its place whole.
 * Nothing here knows who refers to it: that is in runs.db (orchestrator/runs/runs_file.h), and what nothing
 * refers to is removed by files_collect. May be used from several threads. */
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

enum { FILES_HASH_CHARS = 64, FILES_PATH_BYTES = PATH_MAX };
#define FILES_MAX_DEFAULT (100ull << 30)

struct files;

/* Touches no file before the first call. max: bytes of all content; 0: FILES_MAX_DEFAULT. The text of dir
 * is not copied. */
struct files *files_new(const char *dir, uint64_t max);
void files_free(struct files *f); /* takes NULL */
/* Whether `size` more bytes are allowed, and the disk has them; sets how many are. ERR_LIMIT: not. */
NODISCARD int files_check_room(struct files *f, uint64_t size, uint64_t *ret_room, struct err *err);
/* Creates a part and opens it for writing. ERR_FULL: the disk has no space. */
NODISCARD int files_begin(struct files *f, char ret_path[FILES_PATH_BYTES], int *ret_fd,
                          struct err *err);
void files_drop(const char *part); /* it may be gone already */
/* Moves a part, which is on the disk, to the place of its content. ERR_LIMIT: too much is stored. From one
 * thread alone, as files_sync. */
NODISCARD int files_take(struct files *f, const char *part, const char *hash, uint64_t size,
                         struct err *err);
/* What was taken is on the disk, under its name: several cost little more than one. */
NODISCARD int files_sync(struct files *f, struct err *err);
bool files_is_hash(const char *text);
/* Where the content is. */
void files_path(const char *dir, const char *hash, char ret_path[FILES_PATH_BYTES]);
/* Reads content whole; mem_free it. ERR_LIMIT: it is longer than max. */
NODISCARD int files_read(const char *dir, const char *hash, uint64_t max, char **ret,
                         uint64_t *ret_size, struct err *err);

struct files_freed {
    uint64_t kept, kept_bytes, freed, freed_bytes, parts, part_bytes;
};

/* Removes content that `refers` does not know, and parts, where these are older than an hour: younger
 * ones may be on their way. Safe beside a process that adds files, if `refers` answers from one state of
 * runs.db that is no older than the call. dry: only counts. */
NODISCARD int files_collect(const char *dir, bool (*refers)(void *arg, const char *hash), void *arg,
                            bool dry, struct files_freed *ret, struct err *err);
