/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static _Noreturn void out_of_memory(size_t bytes)
{
    fprintf(stderr, "besom: out of memory (%zu bytes wanted)\n", bytes);
    abort();
}

/* malloc would take up to PTRDIFF_MAX; beyond it, a size is a difference that went below zero. */
static void check_size(size_t bytes)
{
    if (bytes > PTRDIFF_MAX)
        out_of_memory(bytes);
}

void *mem_alloc(size_t bytes)
{
    check_size(bytes);
    void *p = calloc(1, bytes ? bytes : 1);
    if (!p)
        out_of_memory(bytes);
    return p;
}

void *mem_resize(void *p, size_t bytes)
{
    check_size(bytes);
    void *q = realloc(p, bytes ? bytes : 1);
    if (!q)
        out_of_memory(bytes);
    return q;
}

void *mem_grow(void *p, size_t *cap, size_t need, size_t item_bytes)
{
    PRE(item_bytes > 0);
    if (need <= *cap)
        return p;
    if (need > PTRDIFF_MAX / item_bytes)
        out_of_memory(SIZE_MAX);
    size_t to = *cap < 8 ? 8 : *cap;
    while (to < need)
        to = to > SIZE_MAX / 2 ? need : to * 2;
    if (to > PTRDIFF_MAX / item_bytes)
        to = need;
    p = mem_resize(p, to * item_bytes);
    *cap = to;
    return p;
}

char *mem_strdup(const char *s)
{
    size_t bytes = strlen(s) + 1;
    return memcpy(mem_resize(NULL, bytes), s, bytes);
}

void mem_free(void *p)
{
    free(p);
}
