/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The changes of a sweep's spec since the sweep began, for `besom run`, which reads the file
 * again, and for `besom edit`. orchestrator/core/edit.h decides with which changes the sweep can
 * continue. */
#include <stdio.h>
#include "cli/run/choice/spec_place.h"
#include "language/spec.h"
#include "sweep/fact.h"

struct spec_change_from {                   /* the sweep as it is; the caller's */
    const char *id, *name, *path, *workdir; /* name may be NULL */
    uint64_t seed;
    const struct value *content;
};

struct spec_change {
    struct fact edit; /* sweep NULL: nothing has changed */
    size_t changes;   /* keys that differ */
    bool moved;
    struct buf lines;              /* a line a key */
    char *from, *name;             /* where it has moved from; of the edit */
    char workdir[PATH_TEXT_BYTES]; /* follows the sweep where the project has moved */
};

/* ERR_SPEC if there is a change with which the sweep cannot continue. named: the file as the user
 * calls it; again: the command that starts another sweep of it. spec, at and the id must outlive *ret. */
NODISCARD int spec_change_find(const struct spec_change_from *from, const struct spec *spec,
                               const struct spec_place *at, const char *named, const char *again,
                               struct spec_change *ret, struct err *err);
/* Which keys change, and from what to what; nothing where nothing does. */
void spec_change_print(FILE *out, const struct spec_change *c, const char *named);
void spec_change_done(struct spec_change *c); /* takes one that is all zeroes */

/* How many trials there will be at most; 0: no end known. */
NODISCARD int spec_change_total(const struct spec *spec, uint64_t seed, uint64_t *ret,
                                struct err *err);
