/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Checks a store, and copies it. Both read the state of one moment, while another process may
 * write. */
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct store_check {
    uint64_t facts, chunks, points, trials;
    uint64_t problems;
    uint64_t unreadable; /* sweeps whose spec this version cannot read; no fault of the store */
};
/* One sentence; problem: whether it counts as a problem. */
typedef void (*store_check_fn)(void *arg, bool problem, const char *text);

/* Reads all pages of the file, folds all facts and points into new books, and compares each row
 * derived from them with the store's row. Calls fn for each of the first 100 problems. ERR_DAMAGED
 * if there was any. */
NODISCARD int store_check(const char *dir, store_check_fn fn, void *arg, struct store_check *ret,
                          struct err *err);
/* Copies the store in `dir` into a new store in `to`, which must not be one yet. The copy has its
 * own id: it is another store, and ignores the running attempts of this one. */
NODISCARD int store_backup(const char *dir, const char *to, struct err *err);
