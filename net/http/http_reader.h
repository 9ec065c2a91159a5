/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads HTTP/1.1 messages from bytes that come split anywhere: requests or responses. Every limit
 * is checked before memory is used. It is strict: a message that two readers could split or
 * understand differently is refused with a status. Knows no socket and no clock. */
#include "base/buf.h"
#include "net/http/http_chunks.h"
#include "net/http/http_head.h"

enum http_step {
    HTTP_MORE,  /* all bytes were taken: more are needed */
    HTTP_HEAD,  /* the head is in `head`; now body_limit and no_body can be set */
    HTTP_PIECE, /* of the body, in `piece`: part of the bytes that were handed in */
    HTTP_END,   /* of the message: http_reader_clear, then the next one can be read */
    HTTP_BAD,   /* refused with `status` because of `why`: nothing more can be read */
};

struct http_reader {
    int state;
    bool response;
    struct http_head head;
    uint64_t body_limit; /* bytes; 0 at each head */
    bool no_body;        /* of the response to HEAD */
    const char *piece;
    size_t piece_len;
    int status;
    const char *why;
    struct http_lines lines;
    struct buf text; /* of the head */
    bool until_close;
    uint64_t left; /* of a body with a length */
    struct http_chunks chunks;
};

void http_reader_init(struct http_reader *r, bool response);
void http_reader_done(struct http_reader *r);
/* Takes bytes from the front of *bytes up to the next step. */
enum http_step http_reader_step(struct http_reader *r, const char **bytes, size_t *len);
/* The peer has closed: HTTP_END where that ends a response, else HTTP_BAD. */
enum http_step http_reader_close(struct http_reader *r);
/* After HTTP_END: frees the head. */
void http_reader_clear(struct http_reader *r);
bool http_reader_is_clear(const struct http_reader *r); /* no byte of a message was read yet */
bool http_reader_has_body(const struct http_reader *r); /* after HTTP_HEAD: a body follows */
