/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One spec as besom lint sees it: its text, what is to be said of it, and what could be understood
 * of it. */
#include "language/spec.h"

struct lint_file {
    const char *named; /* as the user did; "-" for stdin */
    const char *shown; /* the same as a message says it */
    const char *root;  /* the key that the spec stands under; may be NULL */
    struct buf text;
    struct arena arena;
    struct diags diags;
    struct spec *spec; /* what was understood; never NULL */
    size_t warnings, notes, mendable;
    bool counted;    /* points is known (cli/lint/lint_points.h) */
    uint64_t points; /* distinct ones, 0: without end; UINT64_MAX: more */
    uint64_t listed; /* with those of a grid that repeat others; 0: not known */
    double seconds;  /* that the sweep would take (cli/lint/lint_time.h); 0: not known */
    double each_s;   /* that a trial takes */
    char like[16];   /* the sweep that this is told by */
};

/* Reads the file; where that fails, the text is empty, and so it is said of it. */
void lint_file_open(struct lint_file *f, const char *named);
void lint_file_close(struct lint_file *f);
