/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the reader found, where the line to write instead depends on what stands there. The reader says
 * what is wrong and where, and tells of it by its kind and the values that it is about; who listens
 * (spec_reader.advise) makes a line and edits of them. Knows no advice. */
#include "base/diag/diag.h"
#include "language/language.h"
#include "language/reader/parameter/spec_draft.h"
#include "language/reader/spec_node.h"
#include "sweep/space.h"

enum spec_found {
    SPEC_FOUND_WRONG_VALUE,       /* node, field: a value that its field does not take */
    SPEC_FOUND_UNKNOWN_KEY,       /* node, object, text: the key that is near to it, or NULL */
    SPEC_FOUND_OUTSIDE,           /* node: a parameter outside of `parameters` */
    SPEC_FOUND_MACRO,             /* node, text: an item of `command`, and what was meant by it */
    SPEC_FOUND_NOT_PASSED,        /* node, words: `command`, which passes no parameters */
    SPEC_FOUND_NO_MAPPING,        /* node, sure: a parameter that is no mapping */
    SPEC_FOUND_DASHED,            /* node: a parameter whose fields are a list */
    SPEC_FOUND_DASHED_PARAMETERS, /* node: `parameters` that are a list */
    SPEC_FOUND_NO_LIST,           /* node: `values` that are no list */
    SPEC_FOUND_NO_CHOICE,         /* node: a constant that is a list of choices */
    SPEC_FOUND_BOUND,             /* draft, kind, bound: one that is missing or no number */
};

struct spec_finding {
    enum spec_found what;
    const struct spec_node *node;
    const struct language_object *object;
    const struct language_field *field;
    const struct spec_draft *draft;
    enum spec_field bound;
    enum space_kind kind;
    const struct value *words;
    const char *text;
    bool sure; /* nothing else was said of it */
};

/* said: what the reader said of it; NULL where too much has been said, and then nobody is told. */
void spec_finding_tell(struct spec_reader *r, struct diag *said, const struct spec_finding *f);
