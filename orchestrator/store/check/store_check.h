/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Whether a store is sound, and a copy of it. Both read it as it stood at one moment, beside
 * whoever writes it. */
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct store_check {
    uint64_t facts, chunks, points, trials;
    uint64_t problems;
    uint64_t unreadable; /* sweeps whose spec this version cannot read; no fault of the store */
};
/* One sentence; problem: it counts as one. */
typedef void (*store_check_fn)(void *arg, bool problem, const char *text);

/* Looks through the file's pages, folds all facts and points into fresh books, and compares each
 * row derived from them with what the store holds. fn is called for each of the first 100 problems.
 * ERR_DAMAGED where there was any. */
NODISCARD int store_check(const char *dir, store_check_fn fn, void *arg, struct store_check *ret,
                          struct err *err);
/* Copies the store in `dir` into a new store in `to`, which must not be one yet. The copy has an id
 * of its own: it is another store, and what runs for this one is none of its business. */
NODISCARD int store_backup(const char *dir, const char *to, struct err *err);
