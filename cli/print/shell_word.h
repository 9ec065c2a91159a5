/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Text as one word of a POSIX shell's command line, to be shown and pasted. Pure. */
#include "base/buf.h"

/* What a terminal would obey is spelt out, as bash, zsh and ksh read it: $'\x1b[31m'. */
void shell_word(struct buf *out, const char *s);
