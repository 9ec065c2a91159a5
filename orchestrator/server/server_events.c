/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_events.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/log.h"
#include "orchestrator/core/books.h"
#include "orchestrator/server/route/server_query.h"
#include "orchestrator/server/reply/server_reply.h"

/* Streams that get the text of `bye`: each has a copy of it. */
enum { BYE_TEXTS = 8 };
enum { UNSENT_BYTES = 256 << 10 }; /* of stored facts: a watcher with more reads first */

struct server_events {
    struct map watchers; /* request -> struct watcher * */
    bool ended;
};

struct watcher {
    struct server *server;
    uint64_t request, follower, sender;
    bool brief; /* it is told which sweep and trial a fact is about, and not the fact */
};

void server_events_start(struct server *s)
{
    s->events = mem_alloc(sizeof *s->events);
    map_init(&s->events->watchers);
}

/* Only admins may see credentials and the audit log. */
static bool fact_is_private(const struct fact *f)
{
    return !fact_kind_has_sweep(f->kind);
}

/* Samples of what an attempt uses are not metrics, and a follower of metrics must not take them for such. */
static const char *event_name(const struct fact *f)
{
    return f->kind == FACT_METRICS && f->stream == FACT_STREAM_SYSTEM ? "system"
                                                                      : fact_kind_name(f->kind);
}

static struct value *fact_subject(struct arena *a, const struct fact *f)
{
    struct value *v = value_dict(a);
    value_put(a, v, "sweep", value_str(a, f->sweep));
    if (fact_kind_has_trial(f->kind))
        value_put(a, v, "trial", value_int(a, (int64_t)f->trial));
    return v;
}

static struct value *fact_value(struct arena *a, const struct fact *f)
{
    if (f->kind != FACT_METRICS)
        return fact_encode(a, f);
    struct value *v = value_dict(a), *points = value_list(a);
    value_put(a, v, "kind", value_str(a, event_name(f)));
    value_put(a, v, "time_ms", value_int(a, f->time_ms));
    value_put(a, v, "sweep", value_str(a, f->sweep));
    value_put(a, v, "trial", value_int(a, (int64_t)f->trial));
    value_put(a, v, "attempt", value_int(a, f->attempt));
    for (size_t i = 0; i < f->points.n; i++)
        value_push(a, points, point_value(a, &f->points.items[i], f->attempt));
    value_put(a, v, "points", points);
    return v;
}

static void events_reset(const struct server *s, uint64_t request, uint64_t last)
{
    char id[24];
    snprintf(id, sizeof id, "%" PRIu64, last);
    http_server_event(s->http, request, id, "reset", "{}", strlen("{}"));
}

static void watcher_tell(void *arg, const struct fact *f)
{
    struct watcher *w = arg;
    struct arena a;
    struct buf text;
    char id[24];
    if (fact_is_private(f))
        return;
    arena_init(&a);
    buf_init(&text, SIZE_MAX);
    json_print(&text, w->brief ? fact_subject(&a, f) : fact_value(&a, f), JSON_COMPACT);
    snprintf(id, sizeof id, "%" PRIu64, f->seq);
    http_server_event(w->server->http, w->request, id, event_name(f), buf_str(&text), text.len);
    buf_done(&text);
    arena_done(&a);
}

static bool watcher_has_room(void *arg)
{
    const struct watcher *w = arg;
    return http_server_unsent_to(w->server->http, w->request) < UNSENT_BYTES;
}

static void watcher_is_late(void *arg, uint64_t last)
{
    const struct watcher *w = arg;
    LOG(LOG_INFO, "events.reset", log_int("last", (int64_t)last));
    events_reset(w->server, w->request, last);
}

static const struct followers_pace watcher_pace = {watcher_has_room, watcher_is_late};

static size_t events_streams(const struct server *s, uint64_t sender)
{
    size_t n = 0;
    void *value;
    for (size_t at = 0; map_next(&s->events->watchers, &at, &value);)
        n += ((const struct watcher *)value)->sender == sender;
    return n;
}

/* The number of the first fact that the client has not had. */
static uint64_t events_from(const struct server_request *r, uint64_t next)
{
    const char *last = http_head_find(r->http->head, "last-event-id");
    return last ? strtoull(last, NULL, 10) + 1
                : server_query_number(r->http->head->query, "from", next);
}

/* What the client knows may be of another store; and one that reads anew what it shows does not want a
 * long history. */
static bool events_begin_again(const struct server_request *r, uint64_t from, uint64_t next)
{
    uint64_t most = server_query_number(r->http->head->query, "most", UINT64_MAX);
    return from > next || (most < UINT64_MAX && next - from > most);
}

void server_events_begin(struct server *s, const struct server_request *r)
{
    uint64_t next = driver_books(s->config.driver)->seq + 1, request = r->http->id;
    uint64_t from = events_from(r, next);
    bool again = events_begin_again(r, from, next);
    if (events_streams(s, r->sender) >= LIMIT_HTTP_STREAMS) {
        struct err err = {0};
        err_set(&err, ERR_BUSY, "this credential has %d streams of events open: close one of them",
                LIMIT_HTTP_STREAMS);
        server_reply_error(s, request, 429, err.code, err.text);
        return;
    }
    if (!http_server_events(s->http, request, NULL))
        return;
    struct watcher *w = mem_alloc(sizeof *w);
    *w = (struct watcher){.server = s,
                          .request = request,
                          .sender = r->sender,
                          .brief = server_query_number(r->http->head->query, "brief", 0) != 0};
    map_put(&s->events->watchers, &w->request, sizeof w->request, w);
    w->follower =
        driver_follow(s->config.driver, again ? next : from, watcher_tell, &watcher_pace, w);
    if (again)
        events_reset(s, request, next - 1);
}

void server_events_gone(struct server *s, uint64_t request)
{
    struct watcher *w = map_find(&s->events->watchers, &request, sizeof request);
    if (!w)
        return;
    driver_unfollow(s->config.driver, w->follower);
    map_remove(&s->events->watchers, &request, sizeof request);
    mem_free(w);
}

size_t server_events_watchers(const struct server *s)
{
    return s->events->watchers.live;
}

void server_events_bye(struct server *s, const char *text, size_t len)
{
    uint64_t seq = driver_books(s->config.driver)->seq;
    char id[24];
    void *value;
    size_t given = 0;
    s->events->ended = true;
    snprintf(id, sizeof id, "%" PRIu64, seq);
    for (size_t at = 0; map_next(&s->events->watchers, &at, &value);) {
        const struct watcher *w = value;
        bool gets = w->brief && given < BYE_TEXTS;
        given += gets;
        http_server_event(s->http, w->request, id, "bye", gets ? text : "{}",
                          gets ? len : strlen("{}"));
    }
}

bool server_events_have_ended(const struct server *s)
{
    return s->events->ended;
}

void server_events_close(struct server *s)
{
    void *watcher;
    for (size_t at = 0; map_next(&s->events->watchers, &at, &watcher);) {
        driver_unfollow(s->config.driver, ((struct watcher *)watcher)->follower);
        mem_free(watcher);
    }
    map_done(&s->events->watchers);
    mem_free(s->events);
    s->events = NULL;
}
