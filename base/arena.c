/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

struct arena_block {
    struct arena_block *next;
    size_t used, cap;
    alignas(max_align_t) char data[];
};

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifndef ARENA_ASAN
#define ARENA_ASAN 0
#endif

enum { BLOCK_BYTES_MIN = 512, BLOCK_BYTES_MAX = 256 << 10 };

void arena_init(struct arena *a)
{
    *a = (struct arena){0};
}

static void free_blocks(struct arena_block *b, const struct arena_block *end)
{
    while (b != end) {
        struct arena_block *next = b->next;
        mem_free(b);
        b = next;
    }
}

void arena_done(struct arena *a)
{
    free_blocks(a->head, NULL);
    arena_init(a);
}

void arena_clear(struct arena *a)
{
    struct arena_block *keep = a->head;
    if (ARENA_ASAN || !keep || keep->cap > BLOCK_BYTES_MAX) {
        arena_done(a);
        return;
    }
    free_blocks(keep->next, NULL);
    keep->next = NULL;
    keep->used = 0;
    a->bytes = 0;
}

struct arena_mark arena_mark(const struct arena *a)
{
    struct arena_block *head = a->head;
    return (struct arena_mark){head, head ? head->next : NULL, head ? head->used : 0, a->bytes};
}

/* Blocks newer than the mark are before its head; big ones are between its head and its next. */
void arena_rewind(struct arena *a, const struct arena_mark *mark)
{
    PRE(a->bytes >= mark->bytes);
    if (!mark->head) {
        arena_clear(a);
        return;
    }
    free_blocks(a->head, mark->head);
    free_blocks(mark->head->next, mark->next);
    a->head = mark->head;
    a->head->next = mark->next;
    a->head->used = mark->used;
    a->bytes = mark->bytes;
}

static struct arena_block *new_block(size_t cap)
{
    struct arena_block *b = mem_resize(NULL, sizeof *b + cap);
    b->next = NULL;
    b->used = 0;
    b->cap = cap;
    return b;
}

/* A block with room for bytes. A big allocation gets a block of its own after the head, so that the
 * room left in the head is not lost. */
static struct arena_block *block_for(struct arena *a, size_t bytes)
{
    struct arena_block *head = a->head;
    if (!ARENA_ASAN && head && head->cap - head->used >= bytes)
        return head;
    size_t cap = bytes;
    if (!ARENA_ASAN && bytes <= BLOCK_BYTES_MAX / 4) {
        cap = head ? head->cap * 2 : BLOCK_BYTES_MIN;
        cap = cap > BLOCK_BYTES_MAX ? BLOCK_BYTES_MAX : cap;
        cap = cap < bytes ? bytes : cap;
    } else if (head) {
        struct arena_block *own = new_block(cap);
        own->next = head->next;
        head->next = own;
        return own;
    }
    struct arena_block *b = new_block(cap);
    b->next = head;
    a->head = b;
    return b;
}

static void *block_take(struct arena *a, size_t bytes)
{
    check(bytes < PTRDIFF_MAX - 2 * (ptrdiff_t)sizeof(struct arena_block));
    size_t align = alignof(max_align_t);
    size_t want = ARENA_ASAN ? bytes : (bytes + align - 1) / align * align;
    struct arena_block *b = block_for(a, want);
    void *p = b->data + b->used;
    b->used += want;
    a->bytes += bytes;
    return p;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
    return memset(block_take(a, bytes), 0, bytes);
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
    check(len < PTRDIFF_MAX);
    char *p = block_take(a, len + 1);
    if (len)
        memcpy(p, s, len);
    p[len] = '\0';
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    char small[256];
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    check(n >= 0);
    char *p = block_take(a, (size_t)n + 1);
    if ((size_t)n < sizeof small)
        memcpy(p, small, (size_t)n + 1);
    else
        vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}
