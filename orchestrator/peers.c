/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/peers.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "net/link.h"
#include "net/log.h"
#include "net/socket.h"
#include "orchestrator/peers_log.h"
#include "sweep/trust/credential.h"

enum { LOOKS = 10 /* checks for late peers, in the time given for a hello */ };

struct peer {
    struct peers *peers;
    uint32_t id;
    struct link *link; /* NULL: it is a seat */
    struct peers_seat seat;
    uint64_t hello_by_ms; /* 0: it was welcomed */
    size_t pending;       /* bytes of the messages handed out in this turn */
    uint64_t turn;
    bool paused;
    char agent[CREDENTIAL_NAME_BYTES_MAX + 1]; /* that its credential names; "": any */
    char credential[CREDENTIAL_ID_CHARS + 1];  /* "": none */
    char who[FLEET_LINES_NAME_BYTES];          /* for the log */
};

struct peers {
    uv_loop_t *loop;
    struct arena *arena;
    struct peers_config config;
    struct map all; /* id -> struct peer * */
    uint32_t last;
    uv_timer_t look;
    struct listener *listener;
    size_t strangers, paused; /* peers that were not welcomed yet; that are not read from */
    uint64_t turn;            /* counts calls of peers_resume */
    bool closing;
    struct buf text;
    struct peers_log log;
};

struct peers *peers_new(struct uv_loop_s *loop, struct arena *arena,
                        const struct peers_config *config)
{
    struct peers *p = mem_alloc(sizeof *p);
    p->loop = loop;
    p->arena = arena;
    p->config = *config;
    if (p->config.hello_ms == 0)
        p->config.hello_ms = PEERS_HELLO_MS;
    map_init(&p->all);
    buf_init(&p->text, LIMIT_FRAME_BYTES);
    peers_log_init(&p->log);
    uv_timer_init(loop, &p->look);
    p->look.data = p;
    return p;
}

static void peers_look(struct peers *p);

static void peer_note_refused(struct peer *peer, const char *why)
{
    struct peers *p = peer->peers;
    peers_log_refused(&p->log, peer->who, peer->id, why, (int64_t)uv_now(p->loop));
    peers_look(p);
}

static void peer_welcome(struct peer *peer)
{
    if (peer->hello_by_ms == 0)
        return;
    peer->hello_by_ms = 0;
    peer->peers->strangers--;
}

static void peer_count(struct peer *peer, size_t bytes)
{
    struct peers *p = peer->peers;
    if (peer->turn != p->turn)
        peer->pending = 0;
    peer->turn = p->turn;
    peer->pending += bytes;
    if (peer->pending <= LIMIT_PEER_QUEUE_BYTES || peer->paused)
        return;
    peer->paused = true;
    p->paused++;
    LOG(LOG_DEBUG, "peer.floods", log_int("peer", peer->id),
        log_int("bytes", (int64_t)peer->pending));
    link_pause(peer->link);
}

/* Who was started under another name than it joined with is told so before its link is closed. */
static void peer_refuse(struct peer *peer, const struct message *hello)
{
    struct peers *p = peer->peers;
    const char *why =
        arena_printf(p->arena,
                     "it joined under the name %s: start it with --name %s, or join as %s: "
                     "besom agent --join STRING --name %s",
                     peer->agent, peer->agent, hello->agent, hello->agent);
    peers_send(
        p, peer->id,
        &(struct message){
            .type = MESSAGE_REFUSED, .store = hello->store, .epoch = hello->epoch, .text = why});
    peer_note_refused(peer, arena_printf(p->arena, "its hello is of agent %s", hello->agent));
    link_close(peer->link, "the credential is of another agent");
}

static void peer_on_frame(void *arg, const char *text, size_t len)
{
    struct peer *peer = arg;
    struct peers *p = peer->peers;
    struct arena_mark mark = arena_mark(p->arena);
    struct message *m = arena_alloc(p->arena, sizeof *m);
    struct err err = {0};
    int rc = message_parse(p->arena, text, len, m, &err);
    if (rc != 0) {
        arena_rewind(p->arena, &mark);
        if (rc == ERR_UNSUPPORTED) { /* skip a kind of message that this version does not know */
            LOG(LOG_DEBUG, "peer.message", log_int("peer", peer->id), log_text("error", err.text));
            return;
        }
        peer_note_refused(peer, err.text);
        link_close(peer->link, "the agent sent a malformed message");
        return;
    }
    if (m->type == MESSAGE_HELLO && peer->agent[0] && strcmp(m->agent, peer->agent) != 0) {
        peer_refuse(peer, m);
        return;
    }
    peer_count(peer, p->arena->bytes - mark.bytes);
    p->config.message(p->config.arg, peer->id, m);
}

static void peer_on_down(void *arg, const char *why, int64_t silent_ms)
{
    struct peer *peer = arg;
    struct peers *p = peer->peers;
    peer_welcome(peer);
    p->paused -= peer->paused;
    map_remove(&p->all, &peer->id, sizeof peer->id);
    LOG(LOG_INFO, "peer.down", log_int("peer", peer->id), log_text("why", why));
    p->config.down(p->config.arg, peer->id, why, silent_ms);
    mem_free(peer);
}

static void peers_on_look(uv_timer_t *timer)
{
    struct peers *p = timer->data;
    void *value;
    for (size_t at = 0; p->strangers > 0 && map_next(&p->all, &at, &value);) {
        struct peer *peer = value;
        if (peer->hello_by_ms != 0 && uv_now(p->loop) >= peer->hello_by_ms)
            link_close(peer->link, "the agent did not send its hello in time");
    }
    if (!peers_log_tick(&p->log, (int64_t)uv_now(p->loop)) && p->strangers == 0)
        uv_timer_stop(&p->look);
}

/* While there are strangers, or lines to count. */
static void peers_look(struct peers *p)
{
    uint64_t every = p->config.hello_ms / LOOKS + 1;
    if (!p->closing && !uv_is_active((uv_handle_t *)&p->look))
        uv_timer_start(&p->look, peers_on_look, every, every);
}

static struct link_handler peer_handler(struct peer *peer)
{
    const struct peers_config *c = &peer->peers->config;
    return (struct link_handler){.frame = peer_on_frame,
                                 .down = peer_on_down,
                                 .arg = peer,
                                 .beat_ms = c->beat_ms,
                                 .silent_ms = c->silent_ms};
}

static struct peer *peer_new(struct peers *p)
{
    struct peer *peer = mem_alloc(sizeof *peer);
    *peer = (struct peer){.peers = p};
    peer->id = ++p->last;
    return peer;
}

static void peer_add(struct peer *peer)
{
    struct peers *p = peer->peers;
    map_put(&p->all, &peer->id, sizeof peer->id, peer);
    peer->hello_by_ms = uv_now(p->loop) + p->config.hello_ms;
    p->strangers++;
    LOG(LOG_INFO, "peer.up", log_int("peer", peer->id));
    peers_look(p);
}

int peers_attach(struct peers *p, int fd, struct err *err)
{
    struct peer *peer = peer_new(p);
    struct link_handler handler = peer_handler(peer);
    int rc = link_open(p->loop, fd, &handler, &peer->link, err);
    if (rc == 0)
        peer_add(peer);
    else
        mem_free(peer);
    return rc;
}

static void peers_on_accept(void *arg, struct stream *s)
{
    struct peers *p = arg;
    if (p->all.live >= LIMIT_PEERS) {
        peers_log_refused(&p->log, "", 0, "too many agents are connected",
                          (int64_t)uv_now(p->loop));
        peers_look(p);
        stream_close(s, "too many agents are connected");
        return;
    }
    struct peer *peer = peer_new(p);
    struct link_handler handler = peer_handler(peer);
    peer->link = link_accept(p->loop, s, &handler);
    peer_add(peer);
}

void peers_accept(struct peers *p, struct stream *s, const char *rest, size_t len,
                  const char *agent, const char *credential, const char *address)
{
    struct peer *peer = peer_new(p);
    struct link_handler handler = peer_handler(peer);
    snprintf(peer->agent, sizeof peer->agent, "%s", agent);
    snprintf(peer->credential, sizeof peer->credential, "%s", credential);
    snprintf(peer->who, sizeof peer->who, "%.63s@%s", agent, address);
    peer->link = link_accept_web(p->loop, s, rest, len, &handler);
    peer_add(peer);
    if (p->all.live > LIMIT_PEERS) {
        peer_note_refused(peer, "too many agents are connected");
        link_close(peer->link, "too many agents are connected");
    }
}

static struct peer *peer_find(const struct peers *p, uint32_t id)
{
    return map_find(&p->all, &id, sizeof id);
}

uint32_t peers_seat(struct peers *p, const struct peers_seat *seat)
{
    struct peer *peer = peer_new(p);
    peer->seat = *seat;
    map_put(&p->all, &peer->id, sizeof peer->id, peer);
    return peer->id;
}

void peers_hear(struct peers *p, uint32_t seat, const struct message *m)
{
    struct peer *peer = peer_find(p, seat);
    if (!peer)
        return;
    struct message *kept = arena_alloc(p->arena, sizeof *kept);
    *kept = *m;
    message_keep(p->arena, kept);
    p->config.message(p->config.arg, seat, kept);
}

void peers_unseat(struct peers *p, uint32_t seat, int64_t silent_ms)
{
    struct peer *peer = peer_find(p, seat);
    if (!peer)
        return;
    map_remove(&p->all, &peer->id, sizeof peer->id);
    mem_free(peer);
    p->config.down(p->config.arg, seat, "the agent is gone", silent_ms);
}

static void peer_close(struct peer *peer, const char *why)
{
    if (peer->link) {
        link_close(peer->link, why);
        return;
    }
    const struct peers_seat seat = peer->seat;
    peers_unseat(peer->peers, peer->id, 0);
    seat.down(seat.arg);
}

int peers_listen(struct peers *p, const char *address, int *ret_port, struct err *err)
{
    int rc = socket_listen(p->loop, address, peers_on_accept, p, &p->listener, err);
    if (rc == 0)
        *ret_port = socket_listener_port(p->listener);
    return rc;
}

int peers_send(struct peers *p, uint32_t id, const struct message *m)
{
    struct peer *peer = peer_find(p, id);
    if (!peer)
        return 0;
    if (!peer->link) {
        peer->seat.message(peer->seat.arg, m);
        return 0;
    }
    buf_clear(&p->text);
    message_print(&p->text, m);
    const char *text;
    int rc = buf_finish(&p->text, &text);
    if (rc != 0)
        return rc;
    if (m->type == MESSAGE_WELCOME)
        peer_welcome(peer);
    link_send(peer->link, text, p->text.len);
    return 0;
}

void peers_drop(struct peers *p, uint32_t id, const char *why)
{
    struct peer *peer = peer_find(p, id);
    if (peer)
        peer_close(peer, why);
}

void peers_refuse(struct peers *p, uint32_t id, const char *why)
{
    struct peer *peer = peer_find(p, id);
    if (!peer)
        return;
    peer_note_refused(peer, why);
    peer_close(peer, "refused");
}

const char *peers_credential(const struct peers *p, uint32_t id)
{
    const struct peer *peer = peer_find(p, id);
    return peer ? peer->credential : "";
}

void peers_drop_credential(struct peers *p, const char *credential, const char *why)
{
    void *value;
    for (size_t at = 0; map_next(&p->all, &at, &value);) {
        struct peer *peer = value;
        if (peer->credential[0] && strcmp(peer->credential, credential) == 0)
            link_close(peer->link, why);
    }
}

void peers_resume(struct peers *p)
{
    void *value;
    p->turn++;
    for (size_t at = 0, left = p->paused; left > 0 && map_next(&p->all, &at, &value);) {
        struct peer *peer = value;
        if (!peer->paused)
            continue;
        left--;
        p->paused--;
        peer->paused = false;
        link_resume(peer->link);
    }
}

void peers_close(struct peers *p)
{
    void *value;
    if (!p || p->closing)
        return;
    p->closing = true;
    uv_close((uv_handle_t *)&p->look, NULL);
    socket_listener_close(p->listener);
    for (size_t at = 0; map_next(&p->all, &at, &value);)
        peer_close(value, "the controller is shutting down");
}

void peers_free(struct peers *p)
{
    if (!p)
        return;
    peers_log_tick(&p->log, INT64_MAX - 1);
    peers_log_done(&p->log);
    map_done(&p->all);
    buf_done(&p->text);
    mem_free(p);
}
