/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads a part of a file piece by piece on threads of libuv's pool, so a slow disk never blocks the loop.
 * Knows no protocol. */
#include <stdint.h>
#include <uv.h>

struct file_reader;
/* The next piece; len 0: it has failed, or the file ends before it should. */
typedef void (*file_reader_fn)(void *arg, const char *bytes, size_t len);

/* Takes ownership of the descriptor. len: bytes from `from` on. */
struct file_reader *file_reader_new(uv_loop_t *loop, int fd, uint64_t from, uint64_t len,
                                    file_reader_fn piece, void *arg);
uint64_t file_reader_left(const struct file_reader *r); /* bytes that were not handed out yet */
/* Asks for a piece, where some are left. Not while another is awaited. */
void file_reader_next(struct file_reader *r);
/* Closes the file; no piece is handed out any more. Takes NULL. */
void file_reader_free(struct file_reader *r);
