/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The best trial of a sweep as `besom best` and the end of `besom run` show it. */
#include "base/buf.h"
#include "base/value.h"

/* sweep and trial as `besom show --json` prints them. */
void best_print(struct buf *out, const struct value *sweep, const struct value *trial);
