/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A growing byte buffer, always NUL-terminated after its end. It has a maximum; exceeding it sets
 * `overflow` and drops the rest. Three functions return its text, so that no overflow is
 * overlooked: a style check bans `hidden` elsewhere. */
#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

struct buf {
    char *hidden; /* never NULL after init; hidden[len] == '\0' */
    size_t len;
    size_t cap;
    size_t max;
    bool overflow;
};

/* max SIZE_MAX: unbounded, for content whose size was checked before. */
void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);
void buf_clear(struct buf *b);
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_drop(struct buf *b, size_t len);     /* removes len bytes at the front */
void buf_truncate(struct buf *b, size_t len); /* keeps the first len bytes */
char *buf_reserve(struct buf *b,
                  size_t len); /* room for len more bytes after the end; NULL if over max */
void buf_commit(struct buf *b, size_t len); /* counts len bytes written into the reserved room */

/* The text of an unbounded buffer: asking it of one with a maximum is a bug, overflow or not. */
char *buf_str(const struct buf *b);
/* The text of a buffer with a maximum; ERR_LIMIT where some of it did not fit. */
NODISCARD int buf_finish(const struct buf *b, const char **ret);
/* The part that fitted: for text that people read, which may end early; and after a check of
 * `overflow`. */
char *buf_peek(const struct buf *b);
