/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What of the language this version reads and does not do yet. The reader judges a spec by the
 * language alone; who is about to act on one asks here first, so that nothing is ignored in
 * silence. */
#include "language/spec.h"

enum obeyed_use {
    OBEYED_RUN, /* trials will be run */
    OBEYED_ASK, /* the strategy alone */
};

/* An error for each key that would not be obeyed, at its place; returns whether there is none. */
bool obeyed_check(const struct spec *s, enum obeyed_use use, struct diags *d);
