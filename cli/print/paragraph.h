/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Words set into lines. Pure. */
#include "base/buf.h"

/* Appends text with its lines broken at spaces to fit the columns, every line but the first
 * indented; the first is taken to begin at column `at`. '\n' in text begins a line. Ends with a
 * newline. */
void paragraph_wrap(struct buf *out, const char *text, size_t at, size_t indent, size_t columns);
