/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What a spec that has errors still tells: its program, its command and the names of its
 * parameters. Enough to say what would be executed for given values; nothing can be proposed from
 * it. */
#include "language/spec.h"

/* root: as for spec_look(). NULL where the text is no YAML mapping, or where the command itself is
 * wrong. The caller frees it, and the arena after it. */
struct spec *spec_remains(struct arena *a, const char *text, size_t len, const char *root);
