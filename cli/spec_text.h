/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The bytes of a spec's file. Only a file is read, and only one that a spec may be as large as: a
 * pipe would be waited for, a device never ends. Knows nothing of what is in it. An err says of the
 * file what is wrong, "it is a folder", and does not name it. */
#include "base/buf.h"
#include "base/err.h"

/* A text of UTF-16 becomes UTF-8. Makes *ret, which the caller ends with buf_done() whatever is
 * returned. */
NODISCARD int spec_text_read(const char *path, struct buf *ret, struct err *err);
/* The same of stdin, which may be a pipe. */
NODISCARD int spec_text_read_stdin(struct buf *ret, struct err *err);
