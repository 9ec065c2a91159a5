/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads the files of a list into a pack, and compresses it. Knows no git and no store. */
#include "agent/code/code_list.h"
#include "base/buf.h"

enum { CODE_HASH_TEXT_BYTES = 65 };

struct code_snapshot {
    char hash[CODE_HASH_TEXT_BYTES]; /* SHA-256 of the pack before compression: its name */
    struct buf packed;               /* one zstd frame */
    size_t files;
};

/* list: settled; what cannot be in a pack is left out of it, with why. limit: of the packed bytes;
 * ERR_LIMIT names the largest files. */
NODISCARD int code_gather(const char *root, struct code_list *list, uint64_t limit,
                          struct code_snapshot *ret, struct err *err);
void code_gather_done(struct code_snapshot *s);

/* Text that differs when the content of the file differs: a hash of it, or the size and the time of a
 * file larger than LIMIT_CODE_HASHED_BYTES; "" where there is no file. */
enum { CODE_GATHER_MARK_BYTES = 64 };
void code_gather_mark(const char *root, const char *path, char out[CODE_GATHER_MARK_BYTES]);
