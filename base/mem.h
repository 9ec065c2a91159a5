/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Heap memory; the process ends if there is none. The caller has checked the size before
 * (base/limits.h). */
#include <stddef.h>
void *mem_alloc(size_t bytes);           /* zeroed; free with mem_free */
void *mem_resize(void *p, size_t bytes); /* like realloc; new bytes are not zeroed */
void *mem_grow(void *p, size_t *cap, size_t need,
               size_t item_bytes); /* doubles *cap until need fits */
char *mem_strdup(const char *s);
void mem_free(void *p); /* takes NULL */
