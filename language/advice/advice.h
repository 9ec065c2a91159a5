/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What is right as the language goes, but hardly what was meant: the mistakes that people make in
 * sweep files. Never an error but where the text is no spec at all. Knows no file but its text. */
#include "language/spec.h"
#include "language/reader/spec_node.h"

/* On errors of YAML itself, those from entry `from` on. */
void advice_on_syntax(struct spec_reader *r, size_t from);
/* Warnings and notes on a spec that has been read, with errors or without. */
void advice_give(struct spec_reader *r, const struct spec *s, const struct spec_node *root);
/* Whether the text is a program; then that is said, in place of all that was from entry `from` on.
 * For a text that is no YAML, or no mapping. */
bool advice_is_program(struct spec_reader *r, const char *text, size_t len, size_t from,
                       size_t errors);
