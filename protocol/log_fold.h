/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The bytes of a log as lines to be shown: what a progress bar redrew is folded to its last state,
 * colours are kept, and nothing else of a terminal's language is. Each line begins in plain style, so
 * that it looks the same wherever reading begins. Pure; a line of any length takes the same memory.
 *
 * A row is [offset of the line, text], or [offset, text, [[UTF-16 units, style], …], characters not
 * shown]. A style is foreground | background << 5 | flags << 10; a colour is 0 (none) or 1 to 16,
 * flags are 1 bold, 2 dim, 4 italic, 8 underlined, 16 reversed. */
#include "protocol/message.h"

enum {
    LOG_FOLD_CHARS = 4096,           /* of a line; the others are counted */
    LOG_FOLD_BYTES = 256 << 10,      /* of rows in one answer, about */
    LOG_FOLD_ROWS = 2000,            /* in one answer */
    LOG_FOLD_SOME_BYTES = 512 << 10, /* of the log; then an answer ends with its line: whoever folds
                                      * has other work too */
    LOG_FOLD_READ_BYTES = 2 << 20,   /* of the log at most, in the middle of a line */
    LOG_FOLD_ESCAPE_BYTES = 64,
};

struct log_fold {
    struct arena *arena;
    struct value *rows;
    const char *find; /* only lines with this text, in any case; "": all */
    uint32_t *wanted; /* its characters, in lower case */
    size_t *borders;  /* of each beginning of that text, the longest proper one that also ends it */
    size_t wanted_n;
    size_t bytes; /* of the rows, about */
    uint64_t begin;
    uint64_t at;     /* offset after what was read */
    uint64_t line;   /* offset where the line began */
    uint32_t *cells; /* its characters */
    uint16_t *styles;
    size_t n;
    uint64_t cut;
    bool redraw; /* a carriage return came: the next character begins the line again */
    uint16_t style;
    enum log_fold_state { LOG_FOLD_TEXT, LOG_FOLD_ESC, LOG_FOLD_CSI, LOG_FOLD_STRING } state;
    char escape[LOG_FOLD_ESCAPE_BYTES]; /* of a CSI: what came so far */
    size_t escape_n;
    char utf8[4]; /* of a character: what came so far */
    size_t utf8_n;
};

/* offset: of the first byte. Everything is in the arena. */
void log_fold_begin(struct log_fold *f, struct arena *a, uint64_t offset, const char *find);
/* Takes bytes until the answer is full, at the end of a line; returns how many. */
size_t log_fold_add(struct log_fold *f, const char *bytes, size_t len);
/* Makes a row of a line that has not ended, if there is one. */
void log_fold_end(struct log_fold *f);
/* Answers the question of a log_read with `fold` from a log in memory, of which the bytes from
 * offset `begin` on are there. Fills in from, to, end, size and rows. */
void log_fold_answer(struct arena *a, const char *bytes, size_t len, uint64_t begin,
                     const struct message *ask, struct message *answer);
