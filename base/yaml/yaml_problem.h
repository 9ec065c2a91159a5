/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Plain messages for libyaml's errors. Knows its texts, not its types. */
#include "base/arena.h"

struct yaml_problem {
    const char *message;
    const char *fix; /* may be NULL */
};

/* context may be NULL; at is the byte where it happened. */
struct yaml_problem yaml_problem_explain(struct arena *a, const char *context, const char *problem,
                                         char at);
