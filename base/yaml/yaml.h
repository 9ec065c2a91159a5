/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* YAML text to a tree with marks, over libyaml's events. Scalars are resolved as PyYAML's
 * SafeLoader does, which is what W&B reads sweep files with, and by one rule more
 * (base/yaml/yaml_scalar.h). Aliases and merge keys are expanded; keys are text, printed as json.dumps
 * prints them. Must not know what the document is about. */
#include "base/diag/diag.h"
#include "base/yaml/yaml_tree.h"

/* The one document that text holds. NULL where there was an error; errors and warnings go to d. */
NODISCARD struct yaml_node *yaml_read(struct arena *a, const char *text, size_t len,
                                      struct diags *d);
/* The tree all the same where only single values are wrong: a date, a tab, a list for a key. */
NODISCARD struct yaml_node *yaml_look(struct arena *a, const char *text, size_t len,
                                      struct diags *d);
