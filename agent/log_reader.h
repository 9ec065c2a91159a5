/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The log of an attempt as one stream of bytes, although on disk it may be a head and two tail
 * files with a gap where the middle was dropped. Offsets count all bytes that training ever wrote.
 * Works while the shim is writing. The bytes are raw: the caller must clean them for a terminal. */
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"

/* Appends at most `max` bytes from *offset on to out and moves *offset after them. If the bytes at
 * *offset are no longer kept, *ret_dropped is how many were skipped (otherwise 0), and one call
 * never returns bytes from both sides of the gap. A log that does not exist yet is empty. */
NODISCARD int log_reader_read(const char *path, uint64_t *offset, size_t max, struct buf *out,
                              uint64_t *ret_dropped, struct err *err);

/* Whether a file of it is there. */
bool log_reader_is_there(const char *path);

/* Offset behind the last byte. */
NODISCARD int log_reader_end(const char *path, uint64_t *ret_offset, struct err *err);

/* The offset at which the last `lines` lines before `before` begin (UINT64_MAX: of the log), searching
 * back over at most `max` bytes. */
NODISCARD int log_reader_tail(const char *path, uint64_t before, unsigned lines, size_t max,
                              uint64_t *ret_offset, struct err *err);
