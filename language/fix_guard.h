/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Whether a mended text still says what it said: its tree is held against that of the text before,
 * and may differ where an edit was made and nowhere else. Knows no key of the language. */
#include "base/diag/diag.h"
#include "base/yaml/yaml_tree.h"

struct fix_guard {
    struct arena *arena;
    const struct diag *items; /* whose edits were made */
    size_t n;
    const char **touched; /* out: the paths of what they changed, as the new text has them */
    size_t touched_n, touched_cap;
};

/* False where something else differs too. */
bool fix_guard_same(struct fix_guard *g, const struct yaml_node *before,
                    const struct yaml_node *after);
/* Whether an edit changed what stands at the path, around it or below it. */
bool fix_guard_touched(const struct fix_guard *g, const char *path);
