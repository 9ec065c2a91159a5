/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The parts of the language that this version reads but does not support yet. The reader checks a
 * spec against the language alone; commands that use a spec call this first, so that no key is
 * ignored silently. */
#include "language/spec.h"

enum obeyed_use {
    OBEYED_RUN,   /* trials will be run on this machine */
    OBEYED_FLEET, /* trials will be run by agents */
    OBEYED_ASK,   /* the strategy alone */
};

/* Adds an error for each unsupported key, at its place; returns whether there is none. */
bool obeyed_check(const struct spec *s, enum obeyed_use use, struct diags *d);
