/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Writes bytes that arrive on the loop to a file, on threads of libuv's pool, and hashes them there, so a
 * slow disk never blocks the loop. The owner adds no more while it is full. Knows no protocol. */
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>
#include "net/tls/digest.h"

struct file_writer;

struct file_writer_handler {
    /* It is no longer full; or it has failed: file_writer_error. */
    void (*ready)(void *arg);
    /* Everything is in the file and on the disk, or it has failed. Once, after file_writer_end. */
    void (*ended)(void *arg);
    void *arg;
};

/* Takes ownership of the descriptor, and writes from its position on. */
struct file_writer *file_writer_new(uv_loop_t *loop, int fd,
                                    const struct file_writer_handler *handler);
void file_writer_add(struct file_writer *w, const void *bytes, size_t len);
bool file_writer_is_full(const struct file_writer *w);
void file_writer_end(struct file_writer *w);
int file_writer_error(const struct file_writer *w); /* errno; 0: none */
uint64_t file_writer_bytes(const struct file_writer *w);
const struct digest *file_writer_digest(const struct file_writer *w); /* from `ended` on */
/* Closes the file; neither function is called any more. Takes NULL. */
void file_writer_free(struct file_writer *w);
