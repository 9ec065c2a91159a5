/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The fact that a new sweep of a spec begins with. */
#include <stdio.h>
#include "cli/run/choice/spec_place.h"
#include "language/spec.h"
#include "orchestrator/view/view.h"
#include "sweep/fact.h"

struct invocation;

struct begin {
    const struct spec *spec;
    const char *named; /* the spec as the user calls it */
    const struct spec_place *at;
    const char *workdir; /* as base/path_text prints it */
};

/* Draws the id, and the seed where neither --seed nor the spec gives one. view: the store that the
 * sweep will be in. *ret points to b, to id and into the arena. */
NODISCARD int begin_sweep(const struct begin *b, const struct invocation *inv, struct view *view,
                          struct arena *a, char id[16], struct fact *ret, struct err *err);
/* "Sweep ID of SPEC begins: random, 30 trials" and, if slots is not 0, how many at a time. */
void begin_say(FILE *out, const struct begin *b, const struct fact *create, uint64_t slots);
