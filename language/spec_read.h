/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Text to a spec: the reader says what is wrong, the advice what to write instead. */
#include "language/spec.h"

/* Reads text; every error and warning goes to d, in the order of lines. Returns NULL if there was
 * an error. What only `run` needs, a command to execute, is command_check()'s. */
struct spec *spec_read(const char *text, size_t len, struct diags *d);
/* For looking alone: what could be understood, whatever was wrong; never NULL. `content` is NULL
 * where the text is no YAML. root: the key that the spec stands under ("a.b" for one in another),
 * or NULL. */
struct spec *spec_look(const char *text, size_t len, const char *root, struct diags *d);
/* Reads back a content, parsed from its text: gives the same spec. */
struct spec *spec_read_content(const struct value *content, struct diags *d);
/* Reads back a content that a store holds. An earlier version may have accepted it: what later ones
 * only judge otherwise (spec_node_judge_key) is no error. Never NULL: where *ret_fault says what is
 * wrong (in a; else NULL), the spec is what could be understood, good for looking alone. */
struct spec *spec_read_stored(const struct value *content, struct arena *a, const char **ret_fault);
