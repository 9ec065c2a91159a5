/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The files of the project that a sweep runs: recorded when it begins, compared when it continues. */
#include <stdio.h>
#include "language/spec.h"
#include "sweep/fact.h"

struct code_snapshot;

struct project {
    const struct spec *spec;
    const char *named;          /* the spec as the user calls it */
    const char *path, *dir;     /* of the spec, absolute; of the store */
    struct code_snapshot *pack; /* as in agent/code/code_record.h */
};

/* Fills in create->project, in the arena; keeps the snapshot in the store's folder if the spec asks for
 * one. Runs git. */
NODISCARD int project_begin(const struct project *p, struct arena *a, struct fact *create,
                            struct err *err);
/* "Its trials run a snapshot of 34 files (0.1 MiB)", and what was left out of it. */
void project_say(FILE *out, const struct value *code);
/* Says how many files have changed since the sweep began; nothing if none has. */
void project_say_changes(FILE *out, const struct project *p, const char *sweep);
