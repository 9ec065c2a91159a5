/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What has changed between two specs, a line a key. */
#include "base/buf.h"
#include "base/value.h"

/* Appends a line for each key that differs; where a sweep cannot take up some of them, for those
 * alone. Returns how many differ. */
size_t difference_print(struct buf *out, const struct value *old, const struct value *new,
                        size_t *ret_refused);
