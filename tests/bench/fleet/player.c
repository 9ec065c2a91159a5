/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/fleet/player.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "base/mem.h"
#include "net/link.h"

enum { AT_ONCE = 32, SECOND_US = 1000000, RETRY_US = 50000 };

int64_t play_now_us(void)
{
    return (int64_t)(uv_hrtime() / 1000);
}

static int64_t wall_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void player_send(struct player *w, struct message *m)
{
    struct play *p = w->play;
    m->store = p->store;
    m->epoch = p->epoch;
    m->sweep = w->sweep;
    m->trial = w->trial;
    m->attempt = w->attempt;
    buf_clear(&p->text);
    message_print(&p->text, m);
    link_send(w->link, buf_str(&p->text), p->text.len);
}

static void player_hello(struct player *w)
{
    struct arena *a = &w->play->arena;
    struct value *slots = value_list(a), *held = value_list(a);
    value_push(a, slots, value_dict(a));
    if (w->sweep[0]) {
        struct value *one = value_list(a);
        value_push(a, one, value_str(a, w->sweep));
        value_push(a, one, value_int(a, (int64_t)w->trial));
        value_push(a, one, value_int(a, (int64_t)w->attempt));
        value_push(a, held, one);
    }
    struct message m = {.type = MESSAGE_HELLO,
                        .version = MESSAGE_VERSION,
                        .agent = w->name,
                        .instance = w->instance,
                        .slots = slots,
                        .held = held};
    player_send(w, &m);
}

static void player_end(struct player *w)
{
    struct message m = {.type = MESSAGE_ENDED,
                        .at_ms = (uint64_t)wall_ms(),
                        .ran_ms = (uint64_t)w->play->train_ms + 1,
                        .cause = "none"};
    w->over = true;
    w->end_us = w->metrics_us = 0;
    player_send(w, &m);
}

/* The next message becomes due a second after this one was, however late its acknowledgement: a
 * controller that falls behind is seen. */
static void player_report(struct player *w)
{
    char text[96];
    w->length = (uint64_t)snprintf(text, sizeof text, "{\"step\": %llu, \"loss\": %.6f}\n",
                                   (unsigned long long)w->step, 1.0 / (double)(w->step + 1));
    struct message m = {.type = MESSAGE_METRICS,
                        .from = w->offset,
                        .to = w->offset + w->length,
                        .at_ms = (uint64_t)wall_ms(),
                        .text = text,
                        .line = w->step + 1};
    w->step++;
    w->waiting = true;
    player_send(w, &m);
}

static void player_launch(struct player *w, const struct message *m)
{
    struct play *p = w->play;
    int64_t now = play_now_us();
    const struct value *durable = m->offsets;
    bool held = strcmp(w->sweep, m->sweep) == 0 && w->trial == m->trial && w->attempt == m->attempt;
    w->waiting = false;
    if (durable && durable->kind == VALUE_LIST && durable->list.n > 0)
        w->offset = (uint64_t)durable->list.items[0]->i;
    if (held && w->over) {
        player_end(w);
        return;
    }
    if (held)
        return;
    snprintf(w->sweep, sizeof w->sweep, "%s", m->sweep);
    w->trial = m->trial;
    w->attempt = m->attempt;
    w->over = false;
    w->step = 0;
    p->launched++;
    if (p->first_launch == 0)
        p->first_launch = (double)now / 1e6;
    w->metrics_us = p->metrics ? now + (int64_t)(w->instance * SECOND_US / p->n) + 1 : 0;
    w->end_us = now + p->train_ms * 1000;
    if (p->train_ms == 0)
        player_end(w);
}

static void player_acknowledged(struct player *w, uint64_t to)
{
    struct play *p = w->play;
    if (!w->waiting || to != w->offset + w->length)
        return;
    w->waiting = false;
    w->offset = to;
    if (p->measuring) {
        if (p->acks_n == p->acks_cap)
            p->acks_us = mem_grow(p->acks_us, &p->acks_cap, p->acks_n + 1, sizeof *p->acks_us);
        p->acks_us[p->acks_n++] = (uint32_t)(play_now_us() - w->metrics_us);
    }
    w->metrics_us += SECOND_US;
}

static void player_take(struct player *w, const struct message *m)
{
    struct play *p = w->play;
    if (m->type == MESSAGE_WELCOME) {
        snprintf(p->store, sizeof p->store, "%s", m->store);
        p->epoch = m->epoch;
        w->welcome = true;
        w->beat_us = play_now_us() + (int64_t)(w->instance * SECOND_US / p->n);
        p->welcome++;
        play_begin(p);
    } else if (m->type == MESSAGE_REFUSED) {
        fprintf(stderr, "fleet_load: %s is refused: %s\n", w->name, m->text);
        exit(2);
    } else if (m->type == MESSAGE_LAUNCH) {
        player_launch(w, m);
    } else if (m->type == MESSAGE_METRICS_ACK) {
        player_acknowledged(w, m->to);
    } else if (m->type == MESSAGE_STOP) {
        player_end(w);
    } else if (m->type == MESSAGE_ENDED_ACK || m->type == MESSAGE_FORGET) {
        if (m->trial != w->trial || strcmp(m->sweep, w->sweep) != 0)
            return;
        p->ended += m->type == MESSAGE_ENDED_ACK;
        w->sweep[0] = '\0';
        w->end_us = w->metrics_us = 0;
    }
}

static void player_on_up(void *arg)
{
    player_hello(arg);
}

static void player_on_frame(void *arg, const char *text, size_t len)
{
    struct player *w = arg;
    struct message m;
    struct err err = {0};
    arena_clear(&w->play->arena);
    if (message_parse(&w->play->arena, text, len, &m, &err) != 0) {
        fprintf(stderr, "fleet_load: %s\n", err.text);
        exit(2);
    }
    player_take(w, &m);
}

static void player_on_refused(void *arg, int code, int status, const char *why)
{
    struct player *w = arg;
    (void)code;
    fprintf(stderr, "fleet_load: %s is refused: %d %s\n", w->name, status, why);
    exit(2);
}

static void player_on_down(void *arg, const char *why, int64_t silent_ms)
{
    struct player *w = arg;
    (void)silent_ms;
    if (w->welcome && w->play->measuring)
        fprintf(stderr, "fleet_load: %s lost its link: %s\n", w->name, why);
    w->play->welcome -= w->welcome;
    w->link = NULL;
    w->welcome = w->waiting = false;
    w->retry_us = play_now_us() + RETRY_US;
}

static void player_connect(struct player *w)
{
    struct play *p = w->play;
    struct stream *stream;
    struct err err = {0};
    const struct link_handler handler = {.up = player_on_up,
                                         .frame = player_on_frame,
                                         .down = player_on_down,
                                         .refused = player_on_refused,
                                         .arg = w};
    const struct link_target target = {p->endpoint.host, "/agent/v1",
                                       w->identity ? NULL : w->token};
    w->retry_us = 0;
    if (endpoint_connect(&p->endpoint, p->loop, w->identity, NULL, &stream, &err) != 0) {
        fprintf(stderr, "fleet_load: %s\n", err.text);
        exit(2);
    }
    w->link = link_dial(p->loop, stream, &target, &handler);
}

void play_begin(struct play *p)
{
    while (p->begun < p->n && p->begun < p->welcome + AT_ONCE)
        player_connect(&p->players[p->begun++]);
}

void play_tick(struct play *p)
{
    int64_t now = play_now_us();
    for (size_t i = 0; i < p->begun; i++) {
        struct player *w = &p->players[i];
        if (w->retry_us && now >= w->retry_us)
            player_connect(w);
        if (!w->welcome || !link_is_up(w->link))
            continue;
        if (now >= w->beat_us) {
            link_send(w->link, "", 0);
            w->beat_us += SECOND_US;
        }
        if (w->metrics_us && !w->waiting && now >= w->metrics_us)
            player_report(w);
        if (w->end_us && !w->waiting && now >= w->end_us)
            player_end(w);
    }
}
