/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Diagnostics about a text that a person wrote: a list of places, key paths, messages and
 * corrected lines. The readers add to it and continue, so that one pass reports every mistake.
 * Printing them is base/diag/diag_print.h. */
#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"
#include "base/buf.h"

enum diag_severity { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR };

/* From one character to just after another; counted from 1, 0 if unknown. */
struct diag_span {
    int line, column, end_line, end_column;
};

/* A change that besom may make by itself: it replaces the text at this place. Only if the intended
 * meaning is certain. */
struct diag_edit {
    struct diag_span at;
    const char *text; /* NULL: the present text stays, between before and after */
    const char *before, *after;
    bool in_quotes; /* quotes that are there stay around text */
};

struct diag {
    enum diag_severity severity;
    int line, column;         /* from 1; 0 where there is no place */
    int end_line, end_column; /* 0 where no part of the text is to blame */
    const char *path;         /* "parameters.lr.min", "" for the whole file */
    const char *message;      /* one sentence: what is wrong */
    const char *fix;          /* what to write instead; may be NULL */
    bool elsewhere;           /* an alias or a merge key put the named value there */
    struct diag_edit *edits;  /* all of them together fix it */
    size_t edits_n;
};

struct diags {
    struct arena *arena;
    const char *file; /* as the user named it */
    struct diag *items;
    size_t n, cap;
    size_t errors;
};

void diags_init(struct diags *d, struct arena *arena, const char *file);
/* After 100 entries, one last entry says that there were too many. Returns the new entry, valid
 * until the next one is added, or NULL if there were too many. */
struct diag *diags_add(struct diags *d, enum diag_severity severity, int line, int column,
                       const char *path, const char *fix, const char *fmt, ...) PRINTF_LIKE(7, 8);
/* Sorts the entries from `from` on by place; entries at the same place keep their order, and the
 * entry that says that there are too many stays last. */
void diags_sort(struct diags *d, size_t from);
/* Whether the list is full: further diagnostics are only counted, and their text is not used. */
bool diags_full(const struct diags *d);
/* These do nothing where item is NULL. */
void diags_fix(struct diags *d, struct diag *item, const char *fix); /* fix may be NULL */
void diags_end_at(struct diag *item, int end_line, int end_column);
void diags_edit(struct diags *d, struct diag *item, struct diag_span at, const char *text);
/* For a name, which is written alike within quotes and without. */
void diags_edit_name(struct diags *d, struct diag *item, struct diag_span at, const char *name);
void diags_edit_around(struct diags *d, struct diag *item, struct diag_span at, const char *before,
                       const char *after);
