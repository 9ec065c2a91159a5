/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A store and books by its side, for tests: each call must succeed. */
#include "orchestrator/store/store.h"

struct store *kit_open(const char *dir); /* for writing; made where there is none */
void kit_append(struct store *s, const struct fact *f);
void kit_commit(struct store *s, struct books *b);
/* The books that the store loads are these. */
void kit_compare(struct store *s, const struct books *b);
/* Changes the store's file beside the store. */
void kit_change(const char *dir, const char *sql);
/* The number that a query of the file gives. */
int64_t kit_number(const char *dir, const char *sql);
