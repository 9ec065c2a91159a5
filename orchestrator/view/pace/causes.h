/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Failed trials grouped by cause: how they ended, and the last message in their logs. Two messages
 * that differ only in their numbers are in the same group. Pure. */
#include <stdint.h>
#include "base/buf.h"
#include "base/value.h"
#include "sweep/trial.h"

struct cause {
    const char *how;  /* "exit 1", "signal 9", "out of memory" */
    const char *says; /* a line of the log, or besom's own text; "": nothing */
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
/* How an attempt ended for this reason. */
const char *cause_how(struct arena *a, enum trial_reason reason, int code, int signal);
/* The line at the end of a log that shows the error: the last one that begins with the name of an
 * error ("RuntimeError: CUDA out of memory"), else the last one that is not blank; "": none. */
const char *cause_line(struct arena *a, const char *log, size_t len);
/* Counts a trial; returns its group, or NULL if there are CAUSES_MAX others. */
struct cause *causes_add(struct causes *c, uint64_t trial, const char *how, const char *says);
/* The group with the most trials; NULL if there is none. */
const struct cause *causes_largest(const struct causes *c);
/* "12 failed alike: exit 1, 'CUDA out of memory'", cut to the columns. */
void cause_print(struct buf *out, const struct cause *cause, size_t columns);
/* Whether that cuts nothing. */
bool cause_fits(const struct cause *cause, size_t columns);
/* The lines of a log, each cleaned and indented by two; a tab is four spaces. */
void cause_print_log(struct buf *out, const char *log, size_t len);
