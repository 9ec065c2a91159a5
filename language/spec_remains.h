/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The usable parts of a spec that has errors: its program, its command and the names of its
 * parameters. Enough to print the command for given values; no strategy can use it. */
#include "language/spec.h"

/* root: as for spec_look(). NULL if the text is not a YAML mapping, or if the command itself is
 * wrong. The caller frees it, and the arena after it. */
struct spec *spec_remains(struct arena *a, const char *text, size_t len, const char *root);
