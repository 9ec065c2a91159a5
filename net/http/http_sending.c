/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/http_sending.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "net/file/file_reader.h"
#include "net/stream.h"

enum { AHEAD_BYTES = 512 << 10, DIGITS_MAX = 18 };

struct http_sending {
    struct stream *stream;
    struct file_reader *reader;
    void (*wrote)(void *arg, size_t len);
    void (*done)(void *arg, bool whole);
    void *arg;
    bool reading;
};

/* Reads a number at *at and skips it; false where there is none. */
static bool range_number(const char **at, uint64_t *ret)
{
    size_t digits = strspn(*at, "0123456789");
    *ret = 0;
    for (size_t i = 0; i < digits && i < DIGITS_MAX; i++)
        *ret = 10 * *ret + (uint64_t)((*at)[i] - '0');
    *at += digits;
    return digits > 0 && digits <= DIGITS_MAX;
}

int http_sending_range(const char *range, uint64_t size, uint64_t *ret_from, uint64_t *ret_len)
{
    uint64_t first = 0, last = 0;
    *ret_from = 0;
    *ret_len = size;
    if (!range || strncasecmp(range, "bytes=", 6) != 0)
        return 200;
    const char *at = range + 6;
    bool has_first = range_number(&at, &first);
    if (*at++ != '-')
        return 200;
    bool has_last = range_number(&at, &last);
    if (*at || (!has_first && !has_last) || (has_first && has_last && last < first))
        return 200;
    if (!has_first) {
        first = last < size ? size - last : 0; /* the last bytes of the file */
        last = UINT64_MAX;
    } else if (!has_last) {
        last = UINT64_MAX;
    }
    if (first >= size)
        return 416;
    *ret_from = first;
    *ret_len = (last < size ? last : size - 1) - first + 1;
    return 206;
}

static void sending_ask(struct http_sending *s)
{
    if (s->reading || file_reader_left(s->reader) == 0)
        return;
    s->reading = true;
    file_reader_next(s->reader);
}

static void sending_on_piece(void *arg, const char *bytes, size_t len)
{
    struct http_sending *s = arg;
    s->reading = false;
    if (len > 0) {
        stream_write(s->stream, bytes, len, NULL, 0);
        s->wrote(s->arg, len);
    }
    if (len == 0)
        s->done(s->arg, false);
    else if (file_reader_left(s->reader) == 0)
        s->done(s->arg, true);
    else if (stream_unsent(s->stream) < AHEAD_BYTES)
        sending_ask(s);
}

struct http_sending *http_sending_new(uv_loop_t *loop, struct stream *stream, int fd, uint64_t from,
                                      uint64_t len, void (*wrote)(void *arg, size_t len),
                                      void (*done)(void *arg, bool whole), void *arg)
{
    struct http_sending *s = mem_alloc(sizeof *s);
    s->stream = stream;
    s->reader = file_reader_new(loop, fd, from, len, sending_on_piece, s);
    s->wrote = wrote;
    s->done = done;
    s->arg = arg;
    sending_ask(s);
    return s;
}

void http_sending_sent(struct http_sending *s)
{
    sending_ask(s);
}

void http_sending_free(struct http_sending *s)
{
    if (!s)
        return;
    file_reader_free(s->reader);
    mem_free(s);
}
