/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* "Did you mean …?": the known name that is nearest to an unknown one. Does not know what the
 * names are for. */
#include <stddef.h>
#include "base/err.h"
#include "base/value.h"

/* The nearest of names: one that begins so, or one at most a third of its length away
 * (Damerau-Levenshtein, case aside); NULL where none is. The i-th name is read at names + i *
 * stride bytes, so a table of structs serves too. */
const char *nearest_name(const char *name, const void *names, size_t n, size_t stride);
/* The same, but only if it is almost certain: no other name is as near, it is at most two edits
 * away, and the unknown name has more than three letters. */
const char *nearest_sure(const char *name, const void *names, size_t n, size_t stride);
/* ERR_USAGE: "what: 'name' is unknown", the nearest of the names (a list of texts), and all of them. */
NODISCARD int nearest_unknown(struct err *err, const char *what, const char *name, size_t len,
                              const struct value *names);
