/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Bytes compressed as one zstd frame with a checksum, and restored. Must not know what they are. */
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

struct compress; /* memory that calls use again; not for two threads at once */

struct compress *compress_new(void);
void compress_free(struct compress *c); /* takes NULL */
/* Appends the frame to out, whose maximum has room for it. */
void compress_add(struct compress *c, int level, const void *bytes, size_t len, struct buf *out);
/* Adds a piece to a frame, with a window of 128 KiB: a reader of all pieces so far has all their content. `last` ends
 * the frame. */
void compress_piece(struct compress *c, int level, const void *bytes, size_t len, bool last,
                    struct buf *out);
/* The size of the content, as the frame says; false if it does not say one. Nothing has checked
 * it: compare it with a limit before memory is allocated for it. */
bool compress_size(const void *frame, size_t len, uint64_t *ret);
/* Writes the content to out; false if the frame is damaged or its content has another size. */
bool compress_restore(struct compress *c, const void *frame, size_t len, void *out, size_t size);

/* The content of a frame that comes in pieces, as pieces in memory of a fixed size: begin, then add each
 * piece. Calls `take` with the content; false where the frame is damaged, or longer than it should be. */
typedef void (*compress_fn)(void *arg, const void *bytes, size_t len);
void compress_begin(struct compress *c);
bool compress_next(struct compress *c, const void *piece, size_t len, compress_fn take, void *arg);
bool compress_is_whole(const struct compress *c); /* the frame has ended */
