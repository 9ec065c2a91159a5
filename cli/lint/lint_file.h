/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One spec in besom lint: its text, its diagnostics, and the parts that could be understood. */
#include "language/spec.h"

struct lint_file {
    const char *named; /* as the user named it; "-" for stdin */
    const char *shown; /* the same for messages */
    const char *root;  /* the key that holds the spec; may be NULL */
    struct buf text;
    struct arena arena;
    struct diags diags;
    struct spec *spec; /* the parts that were understood; never NULL */
    size_t warnings, notes, mendable;
    bool counted;    /* points is known (cli/lint/lint_points.h) */
    uint64_t points; /* distinct ones, 0: without end; UINT64_MAX: more */
    uint64_t listed; /* including those of a grid that repeat others; 0: not known */
    double seconds;  /* that the sweep would take (cli/lint/lint_time.h); 0: not known */
    double each_s;   /* that a trial takes */
    char like[16];   /* the sweep that this is estimated from */
};

/* Reads the file; if that fails, the text is empty, and a diagnostic says why. */
void lint_file_open(struct lint_file *f, const char *named);
void lint_file_close(struct lint_file *f);
