/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A growing byte buffer, always NUL-terminated behind its end. It is born with a maximum; passing
 * it sets `overflow` and drops what did not fit, so a caller checks once at the end. */
#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

struct buf {
    char *data; /* never NULL after init; data[len] == '\0' */
    size_t len;
    size_t cap;
    size_t max;
    bool overflow;
};

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);
void buf_clear(struct buf *b);
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_drop(struct buf *b, size_t len); /* removes len bytes at the front */
char *buf_reserve(struct buf *b,
                  size_t len); /* room for len more bytes behind data[b->len]; NULL if over max */
void buf_commit(struct buf *b, size_t len); /* counts len bytes written into the reserved room */
