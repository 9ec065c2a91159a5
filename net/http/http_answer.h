/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The text of answers: their heads, and events. Pure. For http_connection.c. */
#include "base/buf.h"
#include "net/http/http_service.h"

/* The head of an answer to `asked` without the empty line at its end; its body has len bytes. */
void http_answer_add_head(struct buf *out, const struct http_answer *a,
                          const struct http_head *asked, uint64_t len, bool close);
/* Whether an answer with this status has a body. */
bool http_answer_has_body(int status);
/* The whole head of an answer with the part of a file that is asked for: *ret_len bytes from *ret_from on. */
void http_answer_add_file_head(struct buf *out, const struct http_answer *answer,
                               const struct http_head *asked, bool close, uint64_t *ret_from,
                               uint64_t *ret_len);
/* The whole head of an answer whose body comes in pieces. */
void http_answer_add_pieces_head(struct buf *out, const struct http_answer *a,
                                 const struct http_head *asked, bool close);
/* The whole head of a stream of events. headers: as in http_answer. */
void http_answer_add_events_head(struct buf *out, const char *headers);
/* An event; without data a comment, which tells that the connection lives. id and name may be NULL. */
void http_answer_add_event(struct buf *out, const char *id, const char *name, const char *data,
                           size_t len);
