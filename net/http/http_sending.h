/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A body that is sent from a file, piece by piece, as fast as the peer reads; and the part of a file that
 * a request asks for. For http_connection.c and http_client.c. */
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct stream;
struct http_sending;

/* The part that the header Range names (NULL: none). Returns the status of the answer: 200 for all of it,
 * also where Range is malformed or names several parts; 206, or 416 where there is no such part. */
int http_sending_range(const char *range, uint64_t size, uint64_t *ret_from, uint64_t *ret_len);

/* Sends len bytes of the file from `from` on; takes ownership of the descriptor. done(arg, false): the
 * file is shorter, so the connection must end. Not called within this function. */
struct http_sending *http_sending_new(uv_loop_t *loop, struct stream *s, int fd, uint64_t from,
                                      uint64_t len, void (*wrote)(void *arg, size_t len),
                                      void (*done)(void *arg, bool whole), void *arg);
void http_sending_sent(struct http_sending *s); /* the stream has sent all that was written */
void http_sending_free(struct http_sending *s); /* takes NULL; within `done` too */
