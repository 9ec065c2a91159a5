/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What importances look like on a terminal. Pure. */
#include "base/arena.h"
#include "base/buf.h"

/* A bar of share (0 to 1) of the columns, in eighths of a column, or of '#'. Lives in the arena. */
const char *importance_text_bar(struct arena *a, double share, size_t columns, bool utf8);
/* A note as lines of the terminal; names in it are made harmless. */
void importance_text_note(struct buf *out, const char *note, size_t columns);
