/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Text as one word of a POSIX shell's command line, to be pasted. Pure. */
#include "base/buf.h"

void shell_word(struct buf *out, const char *s);
