/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The bytes of a spec's file. Only a file is read, and only one that a spec may be as large as: a
 * pipe would be waited for, a device never ends. Knows nothing of what is in it. */
#include "base/buf.h"
#include "base/err.h"

/* Makes *ret, which the caller ends with buf_done() whatever is returned. */
NODISCARD int spec_text_read(const char *path, struct buf *ret, struct err *err);
/* A text of UTF-16 becomes UTF-8, which has lines to show and to mend. */
void spec_text_to_utf8(struct buf *text);
