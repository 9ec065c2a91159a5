/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which sweep a call of `besom run` means: a new one, one to continue, perhaps with a new spec, or one
 * that is only shown. Reads the store while another process may write it, and changes nothing. */
#include "cli/run/choice/spec_change.h"
#include "orchestrator/core/books.h"
#include "orchestrator/core/event.h"

struct invocation;

struct choice {
    /* the caller's */
    const char *store, *named; /* the spec as the user calls it */
    const char *again;         /* what to type after "besom run" to continue */
    const struct spec *spec;
    struct spec_place at;
    char workdir[PATH_TEXT_BYTES]; /* of a new sweep */
    bool new;                      /* another sweep, even if there is one */
    bool settled;                  /* it is the sweep in `id` */
    /* filled in by choice_make() */
    char id[16];
    struct fact create;        /* sweep NULL: an existing sweep continues */
    struct arena arena;        /* of create.prior */
    struct spec_change change; /* of an existing sweep */
    enum sweep_state state;    /* of an existing sweep */
    bool shown;                /* there is nothing to run */
    bool resume;               /* it is paused, from before this command */
    struct event_retry retry;  /* the trials for which it paused itself; states 0: none */
    bool succeeded;            /* by choice_is_success(), as it is */
};

NODISCARD int choice_make(struct choice *c, const struct invocation *inv, struct err *err);
/* Prints the choice on stderr. slots: trials at once; 0: another process decides that. */
void choice_say(const struct choice *c, uint64_t slots, bool quiet);
void choice_done(struct choice *c);

/* A trial has finished, and the metric, if it is to have one, came. Or all were stopped, as at the end
 * of a budget, and one has a result. */
bool choice_is_success(const struct book_sweep *s);
