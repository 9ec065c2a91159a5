/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A chunked body. Extensions and trailers are checked and dropped. */
#include <stdint.h>
#include "net/http/http_lines.h"

enum http_chunks_step {
    HTTP_CHUNKS_MORE, /* all bytes were taken */
    HTTP_CHUNKS_PIECE,
    HTTP_CHUNKS_END,
    HTTP_CHUNKS_BAD,
};

struct http_chunks {
    int state;
    unsigned digits;    /* of the size of this chunk */
    size_t extra;       /* bytes of extensions so far */
    uint64_t left, sum; /* bytes: of this chunk still to come, of all chunks so far */
    struct http_lines trailers;
};

void http_chunks_init(struct http_chunks *c);
/* Takes bytes from the front of *bytes. A piece of the body is in *piece. For a malformed body
 * *status and *why say how to refuse it; also one of more than limit bytes in all, before they
 * are taken. */
enum http_chunks_step http_chunks_step(struct http_chunks *c, const char **bytes, size_t *len,
                                       uint64_t limit, const char **piece, size_t *piece_len,
                                       int *status, const char **why);
