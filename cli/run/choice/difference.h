/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The differences between two specs, one line for each key. */
#include "base/buf.h"
#include "base/value.h"

/* Appends a line for each key that differs; if a sweep cannot continue with some of these changes,
 * for those only. Returns how many keys differ. */
size_t difference_print(struct buf *out, const struct value *old, const struct value *new,
                        size_t *ret_refused);
