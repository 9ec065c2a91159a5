/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Variables of the environment that decide which programs and devices a training gets: those in which
 * another process differs from this one; and whether that one is besom serve. */
#include <stdbool.h>
#include "base/buf.h"

/* Appends their names, with commas; nothing where none differs or that cannot be told. */
void surroundings_differ(struct buf *out, long pid);
/* Whether it was started as `besom serve`; false where that cannot be told. */
bool surroundings_serves(long pid);
