/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The line of a log that says why a program failed. The side that ran the program finds it, and it is
 * recorded with the end of the attempt, so that all who show the failure say the same. Pure; the log may
 * hold anything. */
#include <stdbool.h>
#include "base/arena.h"

enum {
    LOG_CAUSE_BYTES = 32 << 10, /* of the end of a log that are looked at */
    LOG_CAUSE_LINES =
        12, /* at the end: an error before them is a cause only if it ends a traceback */
    LOG_CAUSE_MAX = 400, /* bytes of the line, with the "…" that shows a cut */
};

/* The last line that begins with the name of an error ("RuntimeError: CUDA out of memory") or has the text of
 * a known cause; else the last line of the last traceback; else the last one that is neither blank
 * nor of wandb ("wandb: Find logs at: …"), if any_line. "" if there is none. Valid UTF-8 without control
 * characters. */
const char *log_cause_find(struct arena *a, const char *log, size_t len, bool any_line);
/* The same text, of any origin, with what a terminal would interpret left out, and bounded. */
const char *log_cause_clean(struct arena *a, const char *text, size_t len);
/* At most so many bytes of a clean text, with "…" if it is cut. */
const char *log_cause_short(struct arena *a, const char *text, size_t max);
/* Whether the line begins with the name of an error. */
bool log_cause_is_error(const char *line);
/* A few words for a line with a known cause ("out of GPU memory"); NULL for others. */
const char *log_cause_known(const char *line);
