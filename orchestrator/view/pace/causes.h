/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Why attempts failed, in the same words everywhere; and failed trials grouped by that. Two causes
 * of one log_kind() are in the same group. Pure. */
#include <stdint.h>
#include "base/buf.h"
#include "base/value.h"
#include "sweep/trial.h"

struct cause_end { /* as an attempt's row and the fact of its end have it */
    enum trial_reason reason;
    int code, signal;
    const char *text; /* NULL: none */
};

/* "out of GPU memory", "RuntimeError: boom", "exit 1: usage: …", "signal 9". */
const char *cause_text(struct arena *a, const struct cause_end *end);
/* What it printed, where cause_text() says it in other words; "": nothing more. */
const char *cause_says(struct arena *a, const struct cause_end *end);
/* The end of an attempt of "attempts_list". */
struct cause_end cause_of_attempt(const struct value *attempt);

struct cause {
    const char *text;
    const char *says; /* of the newest */
    const char *key;  /* equal for those that are alike */
    uint64_t n;       /* trials in this group */
    uint64_t trial;   /* the newest of them, by number */
};

enum { CAUSES_MAX = 32, CAUSE_LOG_BYTES = 8 << 10, CAUSE_LOG_LINES = 12 };

struct causes {
    struct arena *arena;
    struct cause items[CAUSES_MAX]; /* in order of appearance; further ones are counted alone */
    size_t n;
    uint64_t others;
};

void causes_init(struct causes *c, struct arena *a);
/* Counts a trial; returns its group, or NULL if there are CAUSES_MAX others. */
struct cause *causes_add(struct causes *c, uint64_t trial, const struct cause_end *end);
/* The group with the most trials; NULL if there is none. */
const struct cause *causes_largest(const struct causes *c);
/* "12 failed alike: out of GPU memory, 'CUDA out of …'", cut to the columns. */
void cause_print(struct buf *out, const struct cause *cause, size_t columns);
/* Whether that cuts nothing. */
bool cause_fits(const struct cause *cause, size_t columns);
/* The lines of a log, each cleaned and indented by two; a tab is four spaces. */
void cause_print_log(struct buf *out, const char *log, size_t len);
