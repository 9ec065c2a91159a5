/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The books: the state that the facts fold into. Facts enter only by books_apply(), both new ones
 * and those read back. Ended trials are only counted here; the store keeps the rest of them. Pure;
 * must not know SQL, messages or time. */
#include "orchestrator/core/books_sweep.h"
#include "orchestrator/core/fleet/fleet_lost.h"
#include "orchestrator/core/trust/trust.h"

struct book_ref {
    struct book_sweep *sweep;
    uint64_t number;
};

struct book_agent {
    char name[64];
    enum duty duty;
    char *by, *text;   /* who decided it, and why; may be NULL */
    uint64_t instance; /* as in struct fact */
    int64_t since_ms;
    /* Of a cordon for attempts that all failed alike: their sweep, and the kind of their error
     * (protocol/log_kind.h); else NULL. */
    char *blamed_sweep, *blamed_error;
};

/* Actions of besom itself: the agent that the subject names is lost, or has returned or was forgotten.
 * The text of a loss: when it was last heard from, in ms since 1970; NULL: not known. */
#define BOOKS_AGENT_LOST "agent lost"
#define BOOKS_AGENT_BACK "agent back"

struct books {
    uint64_t seq;           /* of the last fact folded */
    struct map sweeps;      /* id -> struct book_sweep *, in order of creation */
    struct map agents;      /* name -> struct book_agent *: those that are not simply up */
    struct fleet_lost lost; /* agents that were lost */
    struct trust trust;     /* credentials */
    struct book_ref *loose; /* trials that books_seal() must handle */
    size_t loose_n, loose_cap;
    struct book_ref *leaving; /* trials that have ended and whose rows were copied */
    size_t leaving_n, leaving_cap;
    /* Trials that ended as lost stay: a fold of all facts has no rows to get them back from. */
    bool keeps_lost;
};

/* An attempt that ran for less has failed quickly; failures with a longer gap between them are not
 * in a row. */
enum { BOOKS_QUICK_FAILURE_MS = 10000, BOOKS_STREAK_GAP_MS = 5 * 60000 };

void books_init(struct books *b);
void books_done(struct books *b);
/* Folds one fact, whose seq is higher than that of the last. ERR_STATE or ERR_NOT_FOUND with a
 * text if it does not fit the books: then nothing has changed. Trials that have just ended can
 * still be read until books_sweep_out(). */
NODISCARD int books_apply(struct books *b, const struct fact *f, struct err *err);
/* Call after the rows of all changes were copied (store_seal): frees attempts that a later one
 * replaced. Returns how many trials have ended since the last release; they can still be read. */
size_t books_seal(struct books *b);
/* Frees the first n of those, unless they have changed since. */
void books_release(struct books *b, size_t n);
void books_sweep_out(struct books *b); /* both at once */
void books_drop_lost(struct books *b); /* trials that stayed: from now on they do not */

struct book_sweep *books_sweep(const struct books *b, const char *id); /* NULL if none */
/* Adds a sweep with its state filled in. Takes ownership. */
struct book_sweep *books_add_sweep(struct books *b, struct book_sweep *s);
/* Drops a sweep that has ended and has no open trial. */
void books_drop_sweep(struct books *b, struct book_sweep *s);
const struct book_agent *books_agent(const struct books *b, const char *name); /* NULL: it is up */
enum duty books_duty(const struct books *b, const char *name);
/* Adds an agent that is not up, or changes it. */
void books_set_agent(struct books *b, const char *name, const struct book_agent *as);
/* Folds an action that says of an agent that it is lost, or is not any more. Others change nothing. */
void books_note_lost(struct books *b, const struct fact *f);
/* Notes that books_seal() must handle this trial. */
void books_loosen(struct books *b, struct book_sweep *s, uint64_t number);
