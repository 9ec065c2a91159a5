/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The bytes of a spec's file. Only a regular file is read, up to the largest size of a spec: a
 * pipe could block, a device never ends. Does not know the content. An err is about the file, "it
 * is a folder", and does not name it. */
#include "base/buf.h"
#include "base/err.h"

/* UTF-16 is converted to UTF-8. Initialises *ret; the caller must call buf_done() on it, also
 * after an error. */
NODISCARD int spec_text_read(const char *path, struct buf *ret, struct err *err);
/* The same for stdin, which may be a pipe. */
NODISCARD int spec_text_read_stdin(struct buf *ret, struct err *err);
