/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A store with two sweeps, for tests that look at it. */
#include "orchestrator/core/books.h"
#include "orchestrator/store/store.h"
#include "orchestrator/view/view.h"

extern struct arena kit_arena; /* for what is read */
extern struct books kit_books;
extern struct store *kit_store; /* open for writing */

struct value *kit_parsed(const char *text);
char *kit_json(const struct value *v);
/* A fact of the sweep: its time and number are filled in, and its agent where it has none. */
void kit_put(const char *sweep, struct fact f);
void kit_log(const char *sweep, uint64_t trial, uint32_t attempt, const char *text); /* metrics */
void kit_create(const char *id, const char *name);
void kit_commit(void);
/* Makes the store: sweep abc123 without a trial; sweep abd456 with eleven trials that finished with
 * loss 10 - number (0: NaN, 1: none), and the twelfth running. */
void kit_fill(const char *dir);
struct view *kit_open(const char *dir);
void kit_end(struct view *v);
