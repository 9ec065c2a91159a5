/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A scalar with its tag to a value, and what is to be said of it. Knows no syntax and no place. */
#include "base/diag/diag.h"
#include "base/value.h"

struct yaml_resolved {
    struct value *value;
    const char *message; /* NULL: nothing to say */
    const char *fix;     /* may be NULL */
    enum diag_severity severity;
    bool exact; /* fix is just what to put in its place */
    bool loose; /* a number that PyYAML leaves text */
};

/* Where a value is made, and what there is to say of it. */
struct yaml_resolve_to {
    struct arena *value, *said;
    bool errors_only;
};

/* text as the scanner gives it; tag may be NULL. Only a plain scalar without a tag is anything but
 * text. */
struct yaml_resolved yaml_resolve(const struct yaml_resolve_to *to, const char *text, size_t len,
                                  const char *tag, bool plain);
/* What to say of a tag, as it was written. */
const char *yaml_resolve_unknown_tag(struct arena *a, const char *tag);
