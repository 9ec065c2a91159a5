/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/link.h"

#include <string.h>

#include "base/mem.h"
#include "tests/sim/host.h"
#include "tests/sim/server.h"

void links_init(struct sim *s)
{
    s->links = arena_alloc(&s->arena, sizeof *s->links);
}

void links_done(struct sim *s)
{
    for (size_t i = 0; i < s->links->n; i++) {
        mem_free(s->links->items[i]->streams[0].packets);
        mem_free(s->links->items[i]->streams[1].packets);
    }
    mem_free(s->links->items);
}

struct link *link_find(const struct sim *s, uint32_t id)
{
    return id > 0 && id <= s->links->n ? s->links->items[id - 1] : NULL;
}

/* A peer that was not heard for 20 s is gone (net/link.h); the check comes now and then. */
enum { LINK_SILENT_MS = 20000, LINK_LOOK_MS = 5000 };

static void link_judge(struct sim *s, void *who, uint64_t generation)
{
    struct link *l = who;
    const struct host *h = &s->hosts[l->host];
    (void)generation;
    int64_t since = s->now - LINK_SILENT_MS;
    bool stopped = (server_is_suspended(s) && s->server->stopped_ms <= since) ||
                   (host_is_suspended(s, h) && h->stopped_ms <= since);
    bool cut = l->streams[0].cut_until > s->now || l->streams[1].cut_until > s->now;
    if (!l->broken && (stopped || cut))
        link_break(s, l);
}

static void link_watch(struct sim *s, struct link *l)
{
    sim_after(s, LINK_SILENT_MS + sim_range(s, SIM_R_CLOCKS, 0, LINK_LOOK_MS), link_judge, l, 0);
}

void links_watch(struct sim *s)
{
    for (size_t i = 0; i < s->links->n; i++)
        if (!s->links->items[i]->broken)
            link_watch(s, s->links->items[i]);
}

void link_cut(struct sim *s, struct link *l, enum link_way way, int64_t ms)
{
    if (l->broken)
        return;
    l->streams[way].cut_until = s->now + ms;
    sim_trace(s, "link", "%u carries nothing to the %s for %lld ms", l->id,
              way == LINK_TO_SERVER ? "controller" : "agent", (long long)ms);
    link_watch(s, l);
}

struct link *link_open_to(struct sim *s, int host)
{
    struct links *all = s->links;
    all->items = mem_grow(all->items, &all->cap, all->n + 1, sizeof(struct link *));
    struct link *l = arena_alloc(&s->arena, sizeof *l);
    all->items[all->n++] = l;
    *l = (struct link){.id = (uint32_t)all->n,
                       .host = host,
                       .heard_ms = s->now,
                       .server_generation = s->server->generation,
                       .agent_generation = s->hosts[host].generation};
    if (server_is_suspended(s))
        link_watch(s, l);
    return l;
}

static void hand_over(struct sim *s, struct link *l, enum link_way way, const struct packet *p)
{
    if (way == LINK_TO_SERVER)
        l->heard_ms = s->now;
    if (way == LINK_TO_SERVER && s->server->generation == l->server_generation)
        server_frame(s, l, p->text, p->len);
    else if (way == LINK_TO_AGENT && s->hosts[l->host].generation == l->agent_generation)
        host_frame(s, &s->hosts[l->host], l, p->text, p->len);
}

static void deliver_to_server(struct sim *s, void *who, uint64_t generation);
static void deliver_to_agent(struct sim *s, void *who, uint64_t generation);

/* One that says who is there starts a conversation: said twice it would be another one. */
static bool may_repeat(const struct packet *p)
{
    return !strstr(p->text, "\"hello\"") && !strstr(p->text, "\"welcome\"");
}

/* What an earlier link carried, late by a reconnection: of another epoch, whatever it is; of this
 * one, what the agent may say at any time. */
static void say_old(struct sim *s, struct link *l, enum link_way way)
{
    const struct link *old = s->links->items[rng_below(&s->rng[SIM_R_LINKS], l->id)];
    const struct link_stream *stream = &old->streams[way];
    if (old->host != l->host || old == l || stream->sent == 0)
        return;
    const struct packet *p = &stream->packets[rng_below(&s->rng[SIM_R_LINKS], stream->sent)];
    if (strstr(p->text, "\"hello\"") ||
        (way == LINK_TO_AGENT && old->server_generation == l->server_generation))
        return;
    sim_trace(s, "link", "%u: the next is an old one, of %u", l->id, old->id);
    hand_over(s, l, way, p);
}

static void deliver(struct sim *s, struct link *l, enum link_way way)
{
    struct link_stream *stream = &l->streams[way];
    if (stream->cut_until > s->now && !l->broken) {
        sim_after(s, stream->cut_until - s->now,
                  way == LINK_TO_SERVER ? deliver_to_server : deliver_to_agent, l, 0);
        return;
    }
    size_t at = stream->taken++;
    if (stream->down || (l->broken && at >= stream->kept))
        return;
    const struct packet *p = &stream->packets[at];
    hand_over(s, l, way, p);
    if (s->healing || !sim_has(s, SIM_DUPLICATES))
        return;
    if (sim_one_in(s, SIM_R_LINKS, 10))
        say_old(s, l, way);
    if (may_repeat(p) && sim_one_in(s, SIM_R_LINKS, 10)) {
        sim_trace(s, "link", "%u: the next is said twice", l->id);
        hand_over(s, l, way, p);
    }
}

static void deliver_to_server(struct sim *s, void *who, uint64_t generation)
{
    (void)generation;
    deliver(s, who, LINK_TO_SERVER);
}

static void deliver_to_agent(struct sim *s, void *who, uint64_t generation)
{
    (void)generation;
    deliver(s, who, LINK_TO_AGENT);
}

void link_send_text(struct sim *s, struct link *l, enum link_way way, const char *text, size_t len)
{
    struct link_stream *stream = &l->streams[way];
    if (l->broken || l->streams[!way].down)
        return;
    stream->packets =
        mem_grow(stream->packets, &stream->cap, stream->sent + 1, sizeof *stream->packets);
    stream->packets[stream->sent++] = (struct packet){arena_strndup(&s->arena, text, len), len};
    int64_t at = s->now + (s->options.together ? 0
                                               : sim_range(s, SIM_R_LINKS, 0,
                                                           s->healing ? 5 : s->options.latency_ms));
    if (at < stream->last_at)
        at = stream->last_at;
    /* Of those that arrive at the same moment the ties' order does not matter: the stream counts.
     */
    stream->last_at = at;
    sim_after(s, at - s->now, way == LINK_TO_SERVER ? deliver_to_server : deliver_to_agent, l, 0);
}

static void down_at_server(struct sim *s, void *who, uint64_t generation)
{
    struct link *l = who;
    (void)generation;
    l->streams[LINK_TO_SERVER].down = true;
    if (s->server->generation == l->server_generation)
        server_down(s, l);
}

static void down_at_agent(struct sim *s, void *who, uint64_t generation)
{
    struct link *l = who;
    (void)generation;
    l->streams[LINK_TO_AGENT].down = true;
    if (s->hosts[l->host].generation == l->agent_generation)
        host_down(s, &s->hosts[l->host], l);
}

void link_break(struct sim *s, struct link *l)
{
    if (l->broken)
        return;
    l->broken = true;
    l->broken_ms = s->now;
    for (int way = 0; way < 2; way++) {
        struct link_stream *stream = &l->streams[way];
        stream->kept =
            stream->taken + rng_below(&s->rng[SIM_R_LINKS], stream->sent - stream->taken + 1);
        int64_t late = sim_has(s, SIM_LONG) && !s->healing && sim_one_in(s, SIM_R_LINKS, 4)
                           ? 100000
                           : s->options.latency_ms + 100;
        int64_t wait = (stream->last_at > s->now ? stream->last_at - s->now : 0) +
                       sim_range(s, SIM_R_LINKS, 0, late);
        sim_after(s, wait, way == LINK_TO_SERVER ? down_at_server : down_at_agent, l, 0);
    }
    sim_trace(s, "link", "%u breaks", l->id);
}
