/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_late.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "base/map.h"
#include "base/mem.h"
#include "orchestrator/server/reply/server_reply.h"

enum { MINUTE_MS = 60000, LATE_MS = 1000, LATE_MS_MAX = 30000, LOOK_MS = 250 };

struct failures {
    uint64_t from_ms;
    uint32_t n;
    char address[sizeof(((struct http_peer *)NULL)->address)];
};

struct late {
    uint64_t request, due_ms;
    const char *why;
};

struct server_late {
    struct server *server;
    uv_timer_t look;
    struct map addresses; /* address -> struct failures * */
    struct failures others;
    struct late waiting[SERVER_LATE_MAX];
    size_t n;
};

static uint64_t late_now(const struct server *s)
{
    return uv_now(s->config.loop);
}

static void late_on_look(uv_timer_t *timer)
{
    struct server_late *l = timer->data;
    uint64_t now = late_now(l->server);
    for (size_t i = 0; i < l->n;) {
        const struct late one = l->waiting[i];
        if (one.due_ms > now) {
            i++;
            continue;
        }
        l->waiting[i] = l->waiting[--l->n];
        server_reply_error(l->server, one.request, 401, ERR_PERMISSION, one.why);
    }
    if (l->n == 0)
        uv_timer_stop(&l->look);
}

void server_late_start(struct server *s)
{
    struct server_late *l = mem_alloc(sizeof *l);
    l->server = s;
    map_init(&l->addresses);
    uv_timer_init(s->config.loop, &l->look);
    l->look.data = l;
    s->late = l;
}

static void addresses_forget(struct server_late *l, uint64_t now)
{
    void *value;
    for (size_t at = 0; map_next(&l->addresses, &at, &value);) {
        struct failures *f = value;
        if (now - f->from_ms < MINUTE_MS)
            continue;
        map_remove(&l->addresses, f->address, strlen(f->address));
        mem_free(f);
    }
}

static struct failures *failures_of(struct server_late *l, const char *address, uint64_t now)
{
    struct failures *f = map_find(&l->addresses, address, strlen(address));
    if (!f && l->addresses.live >= SERVER_LATE_ADDRESSES)
        addresses_forget(l, now);
    if (!f && l->addresses.live >= SERVER_LATE_ADDRESSES)
        return &l->others;
    if (!f) {
        f = mem_alloc(sizeof *f);
        snprintf(f->address, sizeof f->address, "%s", address);
        map_put(&l->addresses, address, strlen(address), f);
    }
    return f;
}

uint64_t server_late_count(struct server *s, const char *address)
{
    uint64_t now = late_now(s), ms = LATE_MS;
    struct failures *f = failures_of(s->late, address, now);
    if (f->n == 0 || now - f->from_ms >= MINUTE_MS) {
        f->from_ms = now;
        f->n = 0;
    }
    f->n += f->n < UINT32_MAX;
    if (f->n <= SERVER_FAILURES_MAX)
        return 0;
    for (uint32_t i = SERVER_FAILURES_MAX + 1; i < f->n && ms < LATE_MS_MAX; i++)
        ms *= 2;
    return ms < LATE_MS_MAX ? ms : LATE_MS_MAX;
}

void server_late_answer(struct server *s, uint64_t request, uint64_t ms, const char *why)
{
    struct server_late *l = s->late;
    if (l->n == SERVER_LATE_MAX) {
        server_reply_error(s, request, 429, ERR_BUSY,
                           "too many requests without a valid credential: wait a minute");
        return;
    }
    l->waiting[l->n++] = (struct late){request, late_now(s) + ms, why};
    if (!uv_is_active((uv_handle_t *)&l->look))
        uv_timer_start(&l->look, late_on_look, LOOK_MS, LOOK_MS);
}

void server_late_gone(struct server *s, uint64_t request)
{
    struct server_late *l = s->late;
    for (size_t i = 0; i < l->n; i++)
        if (l->waiting[i].request == request)
            l->waiting[i--] = l->waiting[--l->n];
}

void server_late_close(struct server *s)
{
    s->late->n = 0;
    uv_close((uv_handle_t *)&s->late->look, NULL);
}

void server_late_free(struct server *s)
{
    void *value;
    for (size_t at = 0; map_next(&s->late->addresses, &at, &value);)
        mem_free(value);
    map_done(&s->late->addresses);
    mem_free(s->late);
}
