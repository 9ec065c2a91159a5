/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The store: one SQLite file in a directory, written by one process. Facts are written first,
 * then, in the same transaction, the tables that commands read; both are there or neither. Any
 * failure to write is final: the caller must end the process, and opening the store again
 * recovers. docs/STORE.md is its format. */
#include "orchestrator/core/books.h"

struct store;
struct store_batch;
struct view;

/* Opens DIR for writing, creates it if `create` is set, and takes its lock. ERR_BUSY names the
 * process that holds it, ERR_DAMAGED the damage, ERR_UNSUPPORTED a newer format or a network file
 * system. */
NODISCARD int store_open(const char *dir, bool create, struct store **ret, struct err *err);
/* A temporary store that keeps only rows; `besom check` compares with it. */
NODISCARD int store_open_rows(struct store **ret, struct err *err);
void store_close(struct store *s);
/* Says to other processes that this one answers commands until it closes the store (store_lock.h). */
void store_stay(struct store *s);
const char *store_id(const struct store *s); /* 32 hex digits, made with the store */
uint64_t store_epoch(const struct store *s); /* one more at each opening for writing; durable */

/* Adds a fact to the batch that is being filled. The books have already folded it: its rows
 * are copied from them when the batch is sealed. A failure is final: the caller must end the
 * process. */
NODISCARD int store_append(struct store *s, const struct fact *f, struct err *err);
/* Adds the rows, and returns the complete batch; NULL if nothing was added. */
struct store_batch *store_seal(struct store *s, const struct books *b);
/* Writes a batch in one transaction and frees it: all of it is durable when this returns 0. This
 * and store_tidy() may be called from another thread, one at a time, while the loop runs. */
NODISCARD int store_write(struct store *s, struct store_batch *batch, struct err *err);
/* Seals and writes at once. */
NODISCARD int store_commit(struct store *s, const struct books *b, struct err *err);
/* Writes what was added so far, and leaves the transaction open: the next store_commit() makes all
 * of it durable, and closing the store before that discards it. For much data without a writing
 * thread. */
NODISCARD int store_spill(struct store *s, const struct books *b, struct err *err);
/* Between batches: folds small metric chunks, checkpoints the log. Bounded work; true if there is
 * more. */
bool store_tidy(struct store *s);
/* The part of it that must not wait for anybody: checkpoints a log that has grown. True if it did. */
bool store_trim_log(struct store *s);

/* Loads into the books the sweeps that are not ended, those with an open trial, and the one with
 * this id where it is not NULL. */
NODISCARD int store_load(struct store *s, const char *sweep, struct books *b, struct err *err);

/* Loads one ended sweep through the view, while the thread writes; *ret, which the caller owns, is
 * NULL if there is none. */
NODISCARD int store_load_ended(struct store *s, struct view *v, const char *sweep,
                               struct book_sweep **ret, struct err *err);

/* Loads one sweep, and the number of the last fact that it includes, while another process may write
 * the store. */
NODISCARD int store_load_beside(struct view *v, const char *sweep, struct books *b,
                                struct err *err);
