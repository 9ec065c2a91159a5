/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Converts a scalar with its tag to a value, with a message if it needs one. Knows no syntax and
 * no place. */
#include "base/diag/diag.h"
#include "base/value.h"

struct yaml_resolved {
    struct value *value;
    const char *message; /* NULL: nothing to say */
    const char *fix;     /* may be NULL */
    enum diag_severity severity;
    bool exact; /* fix is the exact replacement */
    bool loose; /* a number that PyYAML leaves text */
};

/* Memory for the value and for the message. */
struct yaml_resolve_to {
    struct arena *value, *said;
    bool errors_only;
};

/* text as the scanner gives it; tag may be NULL. Only a plain scalar without a tag is anything but
 * text. */
struct yaml_resolved yaml_resolve(const struct yaml_resolve_to *to, const char *text, size_t len,
                                  const char *tag, bool plain);
/* The message about a tag, as it was written. */
const char *yaml_resolve_unknown_tag(struct arena *a, const char *tag);
