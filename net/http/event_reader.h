/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads server-sent events (text/event-stream of the HTML standard) from bytes that come split
 * anywhere. Knows no socket. Fields other than id, event and data are skipped. */
#include <stdbool.h>
#include "base/buf.h"

struct event_reader {
    struct buf line, data, id, name;
    bool cr, has_data, ready;
};

void event_reader_init(struct event_reader *r);
void event_reader_done(struct event_reader *r);
/* Takes bytes from the front of *bytes up to the end of an event. Returns 1 if one is complete:
 * then these functions return its parts, until the next step. 0 if all bytes were taken,
 * ERR_LIMIT for an event over LIMIT_HTTP_EVENT_BYTES. */
NODISCARD int event_reader_step(struct event_reader *r, const char **bytes, size_t *len);
const char *event_reader_id(const struct event_reader *r); /* the last one that was given; or "" */
const char *event_reader_name(const struct event_reader *r); /* "" where it has none */
const char *event_reader_data(const struct event_reader *r, size_t *len);
