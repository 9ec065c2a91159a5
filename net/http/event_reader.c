/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http/event_reader.h"

#include <string.h>

#include "base/limits.h"

void event_reader_init(struct event_reader *r)
{
    *r = (struct event_reader){.cr = false};
    buf_init(&r->line, LIMIT_HTTP_EVENT_BYTES);
    buf_init(&r->data, LIMIT_HTTP_EVENT_BYTES);
    buf_init(&r->id, LIMIT_HTTP_EVENT_BYTES);
    buf_init(&r->name, LIMIT_HTTP_EVENT_BYTES);
}

void event_reader_done(struct event_reader *r)
{
    buf_done(&r->line);
    buf_done(&r->data);
    buf_done(&r->id);
    buf_done(&r->name);
}

const char *event_reader_id(const struct event_reader *r)
{
    return buf_peek(&r->id);
}

const char *event_reader_name(const struct event_reader *r)
{
    return buf_peek(&r->name);
}

const char *event_reader_data(const struct event_reader *r, size_t *len)
{
    *len = r->data.len;
    return buf_peek(&r->data);
}

static void event_reader_set(struct buf *field, const char *value, size_t len)
{
    buf_clear(field);
    buf_add(field, value, len);
}

static void event_reader_take_field(struct event_reader *r, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    size_t name = colon ? (size_t)(colon - line) : len, skip = colon ? 1 : 0;
    if (colon && name + 1 < len && line[name + 1] == ' ')
        skip = 2;
    const char *value = line + name + skip;
    size_t value_len = len - name - skip;
    if (name == 4 && strncmp(line, "data", 4) == 0) {
        if (r->has_data)
            buf_addc(&r->data, '\n');
        buf_add(&r->data, value, value_len);
        r->has_data = true;
    } else if (name == 5 && strncmp(line, "event", 5) == 0) {
        event_reader_set(&r->name, value, value_len);
    } else if (name == 2 && strncmp(line, "id", 2) == 0 && !memchr(value, '\0', value_len)) {
        event_reader_set(&r->id, value, value_len);
    }
}

/* True at the end of an event. An event without data is dropped, as the standard says. */
static bool event_reader_end_line(struct event_reader *r)
{
    bool empty = r->line.len == 0;
    if (!empty)
        event_reader_take_field(r, buf_peek(&r->line), r->line.len);
    else if (!r->has_data)
        buf_clear(&r->name);
    buf_clear(&r->line);
    return empty && r->has_data;
}

static bool event_reader_overflows(const struct event_reader *r)
{
    return r->line.overflow || r->data.overflow;
}

int event_reader_step(struct event_reader *r, const char **bytes, size_t *len)
{
    if (r->ready) {
        buf_clear(&r->data);
        buf_clear(&r->name);
        r->has_data = r->ready = false;
    }
    while (*len > 0) {
        char c = **bytes;
        bool second = c == '\n' && r->cr; /* of a line end that was handled at its CR */
        ++*bytes;
        --*len;
        r->cr = c == '\r';
        if (second)
            continue;
        if (c != '\n' && c != '\r') {
            buf_addc(&r->line, c);
        } else if (event_reader_end_line(r)) {
            r->ready = true;
            return 1;
        }
        if (event_reader_overflows(r))
            return ERR_LIMIT;
    }
    return 0;
}
