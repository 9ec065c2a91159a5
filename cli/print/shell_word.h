/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Text as one word of a POSIX shell's command line, to be shown and pasted. Pure. */
#include "base/buf.h"

/* Control characters are escaped, as bash, zsh and ksh read them: $'\x1b[31m'. */
void shell_word(struct buf *out, const char *s);
