/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where in a document a value is: the key path of a diagnostic, such as parameters.lr.values[2]. A
 * chain of places on the reader's stack, from the inside out; NULL is the whole file. */
#include "base/buf.h"

struct yaml_place {
    const struct yaml_place *up;
    const char *key; /* or NULL: an item */
    size_t index;
};

void yaml_place_print(struct buf *out, const struct yaml_place *at);
