/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The snapshots in the store's folder as files, for those who send and fetch them: DIR/code/HASH.pack,
 * kept whole and checked against its name; HASH.part while it arrives. Blocks; its memory does not
 * depend on their sizes. Nobody else writes the parts; one thread at a time. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

/* Whether the store has it. */
bool snapshots_has(const char *dir, const char *hash);

struct snapshots_piece {
    const char *dir, *hash;
    uint64_t from, size; /* where it begins; bytes of the whole pack */
    const void *bytes;
    size_t len;
};

/* Adds a piece to what has arrived. *ret_have: how many bytes there are now, from which to continue; a
 * piece that does not begin there is not added. With its last byte the pack is checked and kept:
 * *ret_whole. After an error nothing of it is left. ERR_DAMAGED: its content has another hash. */
NODISCARD int snapshots_add(const struct snapshots_piece *p, uint64_t *ret_have, bool *ret_whole,
                            struct err *err);
/* How much has arrived; all of it, if it is whole. */
NODISCARD int snapshots_state(const char *dir, const char *hash, uint64_t *ret_have,
                              bool *ret_whole, struct err *err);
void snapshots_drop_part(const char *dir, const char *hash);
void snapshots_drop_parts(const char *dir); /* of all that never came whole */
/* Reads at most `max` bytes of the pack from an offset. ERR_NOT_FOUND: the store does not have it. */
NODISCARD int snapshots_read(const char *dir, const char *hash, uint64_t from, size_t max,
                             char *out, size_t *ret_len, uint64_t *ret_size, struct err *err);
