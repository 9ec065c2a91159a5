/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Memory that is freed all at once: one arena for each parsed spec, one scratch arena for each
 * step. Under ASan each allocation is a separate block, so that the sanitizer finds accesses
 * beyond its ends. */
#include <stdarg.h>
#include <stddef.h>
#include "base/err.h"

struct arena_block;
struct arena {
    struct arena_block *head;
    size_t bytes; /* handed out since init or clear */
};

/* A position in an arena to return to; valid until the arena is cleared or returned to an earlier
 * position. */
struct arena_mark {
    struct arena_block *head, *next;
    size_t used, bytes;
};

void arena_init(struct arena *a);
void arena_done(struct arena *a);                 /* frees all; a may be used again */
void arena_clear(struct arena *a);                /* frees all, but keeps a block for reuse */
void *arena_alloc(struct arena *a, size_t bytes); /* zeroed, aligned for any type */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t len); /* NUL-terminated copy */
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, const struct arena_mark *mark); /* frees what came after it */
