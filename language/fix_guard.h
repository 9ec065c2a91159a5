/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Checks that a corrected text still has its meaning: compares its tree with that of the text
 * before, and allows differences only where an edit was made. Knows no key of the language. */
#include "base/diag/diag.h"
#include "base/yaml/yaml_tree.h"

struct fix_guard {
    struct arena *arena;
    const struct diag *items; /* whose edits were made */
    size_t n;
    const char **touched; /* out: the paths of what they changed, as the new text has them */
    size_t touched_n, touched_cap;
};

/* False if anything else differs too. */
bool fix_guard_same(struct fix_guard *g, const struct yaml_node *before,
                    const struct yaml_node *after);
/* Whether an edit changed the value at the path, above it or below it. */
bool fix_guard_touched(const struct fix_guard *g, const char *path);
