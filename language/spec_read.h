/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads text into a spec: the reader reports errors, the advice adds what to write instead. */
#include "language/spec.h"

/* Reads text; every error and warning goes to d, in the order of lines. Returns NULL if there was
 * an error. command_check() checks what only `run` needs: a command to execute. */
struct spec *spec_read(const char *text, size_t len, struct diags *d);
/* For lint and the like: returns the parts that could be understood, in spite of errors; never
 * NULL. `content` is NULL if the text is not YAML. root: the key that holds the spec ("a.b" if
 * nested), or NULL. */
struct spec *spec_look(const char *text, size_t len, const char *root, struct diags *d);
/* Reads back a content, parsed from its text: gives the same spec. */
struct spec *spec_read_content(const struct value *content, struct diags *d);
/* Reads back a content that a store holds. An earlier version may have accepted it: a rule that
 * only later versions have (spec_node_judge_key) is not an error here. Never NULL: if *ret_fault
 * is not NULL, it is the error (in a), and the spec has the parts that could be understood, for
 * display only. */
struct spec *spec_read_stored(const struct value *content, struct arena *a, const char **ret_fault);
