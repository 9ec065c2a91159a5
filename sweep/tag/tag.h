/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Words that people put on sweeps and trials, to find them again. Nothing is decided by them. Pure. */
#include <stdbool.h>
#include "base/value.h"

/* Whether it is a tag: a line of 1 to LIMIT_TAG_BYTES printable bytes of UTF-8, without commas, which
 * separate tags, and without spaces around it. */
bool tag_is_good(const char *text, size_t len);
/* Whether it is a list of tags, of at most LIMIT_TAGS. */
bool tag_list_is_good(const struct value *list);
/* Whether they may be set: they are good, and each can be told from others by its looks. */
bool tag_list_is_clear(const struct value *list);
bool tag_list_has(const struct value *list, const char *tag);
/* "a,b" as a list, in the arena; text may be NULL. */
struct value *tag_list_of(struct arena *a, const char *text);
/* The list as "a,b"; NULL where it is empty. In the arena. */
const char *tag_list_text(struct arena *a, const struct value *list);
/* "+a -b": what is added and removed, in the arena. */
const char *tag_change_text(struct arena *a, const struct value *add, const struct value *remove);
