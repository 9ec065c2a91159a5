/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* YAML text to a tree with marks, over libyaml's events. Scalars are resolved as PyYAML's
 * SafeLoader does, which is what W&B reads sweep files with, and by one rule more
 * (base/yaml/yaml_scalar.h). Aliases and merge keys are expanded; keys are text, printed as
 * json.dumps prints them. Knows no keys of the document. */
#include "base/diag/diag.h"
#include "base/yaml/yaml_tree.h"

/* The one document in the text. NULL if there was an error; errors and warnings go to d. */
NODISCARD struct yaml_node *yaml_read(struct arena *a, const char *text, size_t len,
                                      struct diags *d);
/* Returns the tree even if single values are wrong: a date, a tab, a list as a key. */
NODISCARD struct yaml_node *yaml_look(struct arena *a, const char *text, size_t len,
                                      struct diags *d);
