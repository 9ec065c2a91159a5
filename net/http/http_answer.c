/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/http_answer.h"

#include <inttypes.h>

#include "net/http/http_sending.h"
#include "net/http/http_status.h"

bool http_answer_has_body(int status)
{
    return status != 204 && status != 304;
}

static void answer_add_fields(struct buf *out, const struct http_answer *a,
                              const struct http_head *asked, bool close)
{
    if (a->type)
        buf_addf(out, "Content-Type: %s\r\n", a->type);
    buf_adds(out, a->headers ? a->headers : "");
    if (close)
        buf_adds(out, "Connection: close\r\n");
    else if (asked->minor == 0)
        buf_adds(out, "Connection: keep-alive\r\n");
}

void http_answer_add_head(struct buf *out, const struct http_answer *a,
                          const struct http_head *asked, uint64_t len, bool close)
{
    buf_addf(out, "HTTP/1.1 %d %s\r\n", a->status, http_status_text(a->status));
    if (http_answer_has_body(a->status))
        buf_addf(out, "Content-Length: %" PRIu64 "\r\n", len);
    answer_add_fields(out, a, asked, close);
}

void http_answer_add_pieces_head(struct buf *out, const struct http_answer *a,
                                 const struct http_head *asked, bool close)
{
    buf_addf(out, "HTTP/1.1 %d %s\r\n", a->status, http_status_text(a->status));
    if (asked->minor > 0)
        buf_adds(out, "Transfer-Encoding: chunked\r\n");
    answer_add_fields(out, a, asked, close);
    buf_adds(out, "\r\n");
}

void http_answer_add_file_head(struct buf *out, const struct http_answer *answer,
                               const struct http_head *asked, bool close, uint64_t *ret_from,
                               uint64_t *ret_len)
{
    struct http_answer a = *answer;
    uint64_t size = a.file->size;
    const char *range = http_head_find(asked, "if-range") ? NULL : http_head_find(asked, "range");
    *ret_from = 0;
    *ret_len = size;
    if (a.status == 200 && asked->method == HTTP_METHOD_GET)
        a.status = http_sending_range(range, size, ret_from, ret_len);
    if (a.status == 416)
        *ret_len = 0;
    http_answer_add_head(out, &a, asked, *ret_len, close);
    if (a.status == 416)
        buf_addf(out, "Content-Range: bytes */%" PRIu64 "\r\n", size);
    else if (a.status == 206)
        buf_addf(out, "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n", *ret_from,
                 *ret_from + *ret_len - 1, size);
    buf_adds(out, "Accept-Ranges: bytes\r\n\r\n");
}

void http_answer_add_events_head(struct buf *out, const char *headers)
{
    buf_addf(out,
             "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
             "%sConnection: close\r\n\r\n",
             headers ? headers : "");
}

/* One line of data is sent as one field, so an event may hold line ends. */
static void event_add_data(struct buf *out, const char *data, size_t len)
{
    for (bool more = true; more;) {
        size_t line = 0;
        while (line < len && data[line] != '\n' && data[line] != '\r')
            line++;
        buf_adds(out, "data: ");
        buf_add(out, data, line);
        buf_addc(out, '\n');
        more = line < len;
        if (more && data[line] == '\r' && line + 1 < len && data[line + 1] == '\n')
            line++;
        data += line + more;
        len -= line + more;
    }
}

void http_answer_add_event(struct buf *out, const char *id, const char *name, const char *data,
                           size_t len)
{
    if (id)
        buf_addf(out, "id: %s\n", id);
    if (name)
        buf_addf(out, "event: %s\n", name);
    if (data)
        event_add_data(out, data, len);
    else
        buf_addc(out, ':');
    buf_adds(out, data ? "\n" : "\n\n");
}
