/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Advice about valid specs that are probably not as intended: common mistakes in sweep files.
 * Never an error, unless the text is not a spec at all. Knows no file except its text. */
#include "language/spec.h"
#include "language/reader/spec_node.h"

/* On errors of YAML itself, those from entry `from` on. */
void advice_on_syntax(struct spec_reader *r, size_t from);
/* Warnings and notes on a spec that has been read, with errors or without. */
void advice_give(struct spec_reader *r, const struct spec *s, const struct spec_node *root);
/* Whether the text is a program; then one message says so and replaces all diagnostics from entry
 * `from` on. For text that is not YAML, or not a mapping. */
bool advice_is_program(struct spec_reader *r, const char *text, size_t len, size_t from,
                       size_t errors);
