/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Splits the output of a program into lines as a terminal shows them: a carriage return starts the
 * line again, so that the last state of a progress bar counts; a backspace removes a character;
 * escape sequences (colours) and other control characters are dropped. Programs still draw a row from
 * which they move the cursor up: of nested progress bars, an inner one becomes a line when it is
 * complete or blank, and not at each redrawing. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/limits.h"

enum shim_line_mode { SHIM_LINE_NONE, SHIM_LINE_ALL, SHIM_LINE_JSON };
enum shim_line_event { SHIM_LINE_OPEN, SHIM_LINE_ENDED, SHIM_LINE_LONG };

struct shim_line {
    enum shim_line_mode mode; /* JSON: a line that does not begin with '{' comes as an empty one */
    size_t max;               /* bytes, at most LIMIT_METRIC_LINE_BYTES */
    uint64_t number;          /* lines that have ended */
    bool ended;               /* the next byte begins another line */
    bool skipping;            /* to the end of a line that is not needed, */
    bool too_long;            /* or that is longer than max */
    bool returned;            /* a carriage return: the next character begins the line again */
    int escape;               /* the part of an escape sequence that comes next; 0: none */
    unsigned number_read;     /* the number in a control sequence */
    unsigned below;           /* rows that the cursor has gone up */
    unsigned text_below;      /* the same when the text was written */
    bool wiped;               /* blanks are over the text, */
    bool left;                /* and the cursor has gone up since */
    size_t len;
    char text[LIMIT_METRIC_LINE_BYTES];
};

/* Reads bytes up to the end of a line; returns how many. The line, without its newline, is in text
 * until the next call. */
size_t shim_line_take(struct shim_line *l, const char *bytes, size_t len,
                      enum shim_line_event *ret);
/* At the end of the output: a last line without newline counts. */
enum shim_line_event shim_line_finish(struct shim_line *l);
