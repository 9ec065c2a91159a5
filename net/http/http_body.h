/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The body of a request as it arrives: uncompressed, counted, and kept in memory or written to a file.
 * For http_connection.c. */
#include <uv.h>
#include "base/buf.h"
#include "net/file/file_writer.h"
#include "net/http/http_service.h"

struct inflate;

struct http_body {
    uint64_t limit, len;
    struct buf bytes;
    struct inflate *inflate;    /* NULL: it comes as it is */
    struct file_writer *writer; /* NULL: it is kept in memory */
    uint64_t came;              /* bytes as they were sent; the rate is judged by them */
};

void http_body_init(struct http_body *b);
void http_body_done(struct http_body *b);
/* After `head`. Returns 0, or the status to refuse the request with and the reason. */
int http_body_begin(struct http_body *b, uv_loop_t *loop, const struct http_request *r,
                    const struct file_writer_handler *handler, const char **why);
/* How many bytes may be read before http_body_is_full is asked again: some hold a thousand times as
 * much. */
size_t http_body_step(const struct http_body *b);
int http_body_add(struct http_body *b, const char *bytes, size_t len, const char **why);
bool http_body_is_full(const struct http_body *b); /* the disk is slower than the sender */
int http_body_end(struct http_body *b, const char **why);
/* Why the file could not be written, as a status; 0: it was. */
int http_body_failed(const struct http_body *b, const char **why);
