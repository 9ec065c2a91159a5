/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What two versions of a spec differ in, key by key. Order of keys does not count, 1 and 1.0
 * differ. */
#include "base/buf.h"
#include "base/value.h"

/* Appends one line for each key path: "  parameters.lr.max: 0.1 -> 0.2\n". Returns how many. */
size_t difference_print(struct buf *out, const struct value *old, const struct value *new);
