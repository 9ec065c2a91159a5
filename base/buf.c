/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

#define UNBOUNDED ((size_t)PTRDIFF_MAX - 1)

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max < UNBOUNDED ? max : UNBOUNDED};
    b->hidden = mem_grow(NULL, &b->cap, 1, 1);
    b->hidden[0] = '\0';
}

void buf_done(struct buf *b)
{
    mem_free(b->hidden);
    *b = (struct buf){0};
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->overflow = false;
    b->hidden[0] = '\0';
}

static void make_room(struct buf *b, size_t len)
{
    size_t need = b->len + len + 1;
    if (need <= b->cap)
        return;
    size_t cap = b->cap > b->max / 2 ? b->max + 1 : b->cap * 2;
    b->cap = cap < need ? need : cap;
    b->hidden = mem_resize(b->hidden, b->cap);
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
    size_t room = b->max - b->len;
    if (len > room) {
        len = room;
        b->overflow = true;
    }
    if (len == 0)
        return;
    make_room(b, len);
    memcpy(b->hidden + b->len, bytes, len);
    b->len += len;
    b->hidden[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_addc(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    char small[256];
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    check(n >= 0);
    size_t len = (size_t)n;
    if (len < sizeof small) {
        buf_add(b, small, len);
    } else if (len <= b->max - b->len) {
        make_room(b, len);
        vsnprintf(b->hidden + b->len, len + 1, fmt, again);
        b->len += len;
    } else {
        char *whole = mem_resize(NULL, len + 1);
        vsnprintf(whole, len + 1, fmt, again);
        buf_add(b, whole, len);
        mem_free(whole);
    }
    va_end(again);
}

void buf_drop(struct buf *b, size_t len)
{
    PRE(len <= b->len);
    b->len -= len;
    memmove(b->hidden, b->hidden + len, b->len + 1);
}

char *buf_reserve(struct buf *b, size_t len)
{
    if (len > b->max - b->len)
        return NULL;
    make_room(b, len);
    return b->hidden + b->len;
}

void buf_commit(struct buf *b, size_t len)
{
    PRE(len < b->cap - b->len);
    b->len += len;
    b->hidden[b->len] = '\0';
}

void buf_truncate(struct buf *b, size_t len)
{
    PRE(len <= b->len);
    b->len = len;
    b->hidden[len] = '\0';
}

char *buf_str(const struct buf *b)
{
    check(b->max == UNBOUNDED);
    return b->hidden;
}

int buf_finish(const struct buf *b, const char **ret)
{
    if (b->overflow)
        return ERR_LIMIT;
    *ret = b->hidden;
    return 0;
}

char *buf_peek(const struct buf *b)
{
    return b->hidden;
}
