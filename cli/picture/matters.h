/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The importances of a sweep's parameters with what must be said about them, for the command, the
 * picture and the terminal alike. Pure. */
#include "cli/picture/evidence.h"

enum { MATTERS_NOTES = 6 };

struct matters {
    enum importance_method method; /* set by the caller */
    struct importance *items;      /* the most important first */
    size_t n;                      /* 0 if there are too few trials */
    const char *too_few;           /* why there are none; NULL if there are some */
    const char *notes[MATTERS_NOTES];
    size_t notes_n;
};

/* Everything that it makes lives in the arena. */
void matters_find(struct matters *m, const struct evidence *e, struct arena *a);
/* A bar of share (0 to 1) of the columns, in eighths of a column, or of '#'. */
const char *matters_bar(struct arena *a, double share, size_t columns, bool utf8);
/* A note as lines of the terminal; names in it are made harmless. */
void matters_note_print(struct buf *out, const char *note, size_t columns);
