/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The books: the state that the facts fold into. books_apply() is the only way in, for facts as
 * they happen and for facts read back. Trials that ended for good are only counted: what is kept of
 * them lies in the store. Pure; must not know SQL, messages or time. */
#include "orchestrator/core/books_sweep.h"

struct book_ref {
    struct book_sweep *sweep;
    uint64_t number;
};

struct books {
    uint64_t seq;           /* of the last fact folded */
    struct map sweeps;      /* id -> struct book_sweep *, in order of creation */
    struct book_ref *loose; /* trials that books_seal() has something to do with */
    size_t loose_n, loose_cap;
    struct book_ref *leaving; /* trials that have ended and whose rows were taken */
    size_t leaving_n, leaving_cap;
};

/* An attempt that ran for less has failed quickly; failures that lie further apart are not in a row. */
enum { BOOKS_QUICK_FAILURE_MS = 10000, BOOKS_STREAK_GAP_MS = 5 * 60000 };

void books_init(struct books *b);
void books_done(struct books *b);
/* Folds one fact, whose seq is higher than that of the last. ERR_STATE or ERR_NOT_FOUND with a text
 * where it does not fit the books: then nothing has changed. Trials that have just ended stay to be looked at until books_sweep_out(). */
NODISCARD int books_apply(struct books *b, const struct fact *f, struct err *err);
/* Call when the rows of all that has happened were taken (store_seal): frees attempts that another
 * followed. Returns how many trials have ended since the last release; they can still be looked at. */
size_t books_seal(struct books *b);
/* Frees the first n of those. */
void books_release(struct books *b, size_t n);
void books_sweep_out(struct books *b); /* both at once */

struct book_sweep *books_sweep(const struct books *b, const char *id); /* NULL if none */
/* Adds a sweep as it stood, its state filled in. Takes ownership. */
struct book_sweep *books_add_sweep(struct books *b, struct book_sweep *s);
/* Drops a sweep that has ended and has no open trial. */
void books_drop_sweep(struct books *b, struct book_sweep *s);
/* Notes that books_seal() has something to do with this trial. */
void books_loosen(struct books *b, struct book_sweep *s, uint64_t number);
