/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/readers.h"

#include <string.h>

#include "base/limits.h"

void readers_init(struct readers *rs)
{
    map_init(&rs->by_key);
}

void readers_done(struct readers *rs)
{
    void *reader;
    for (size_t at = 0; map_next(&rs->by_key, &at, &reader);)
        metric_reader_free(reader);
    map_done(&rs->by_key);
}

static struct metric_reader *reader_get(struct readers *rs, const struct agent_key *key,
                                        struct patterns *patterns)
{
    struct metric_reader *r = map_find(&rs->by_key, key, sizeof *key);
    if (!r) {
        r = metric_reader_new(patterns);
        map_put(&rs->by_key, key, sizeof *key, r);
    }
    return r;
}

int readers_keep_patterns(struct readers *rs, const struct agent_key *key,
                          const struct message *launch, struct err *err)
{
    struct patterns *p = NULL;
    if (launch->report->dict.n == 0 || map_find(&rs->by_key, key, sizeof *key))
        return 0;
    int rc = patterns_new(launch->report, &p, err);
    if (rc == 0)
        reader_get(rs, key, p);
    return rc;
}

int readers_read(struct readers *rs, const char *dir, const struct agent_effect *e, struct arena *a,
                 struct agent_event *ev, struct metric_batch *ret, struct err *err)
{
    struct buf text;
    buf_init(&text, (size_t)LIMIT_METRIC_BATCH_BYTES * 4);
    int rc = metric_reader_read(reader_get(rs, &e->key, NULL), dir, e->stream, e->from, e->last,
                                &text, ret, err);
    ev->stream = e->stream;
    ev->from = e->from;
    ev->to = ret->to;
    ev->more = ret->more;
    ev->text = arena_strndup(a, buf_peek(&text), text.len);
    ev->line = ret->line;
    ev->rewrites = ret->rewrites;
    ev->bad_lines = ret->drops.bad_lines;
    ev->bad_line = ret->line && ret->drops.bad_lines ? ret->line + ret->drops.bad_line - 1 : 0;
    ev->long_lines = ret->drops.long_lines;
    ev->long_line = ret->drops.long_line;
    buf_done(&text);
    return rc;
}

uint64_t readers_offset(const struct readers *rs, const struct agent_key *key, uint32_t stream)
{
    const struct metric_reader *r = map_find(&rs->by_key, key, sizeof *key);
    return r ? metric_reader_offset(r, stream) : 0;
}

void readers_drop(struct readers *rs, const struct agent_key *key)
{
    metric_reader_free(map_remove(&rs->by_key, key, sizeof *key));
}
