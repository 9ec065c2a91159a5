/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Agents that a benchmark plays: each has a connection, a credential and one slot of its own. It
 * sends what an agent sends, and its trainings are timers. */
#include <uv.h>

#include "net/endpoint.h"
#include "net/tls/identity.h"
#include "protocol/message.h"
#include "sweep/trust/token_text.h"

enum { PLAYER_NAME_BYTES = 16 };

struct play {
    uv_loop_t *loop;
    struct endpoint endpoint;
    int64_t train_ms; /* how long a training takes; 0: it ends at once */
    bool metrics;     /* one message each second of each training */
    struct player *players;
    size_t n;
    size_t begun, welcome; /* connections */
    char store[64];        /* as the controller names it in its messages */
    uint64_t epoch;
    uint64_t ended, launched; /* since the measuring began; ended: acknowledged, so durable */
    bool measuring;
    uint32_t *acks_us; /* from when a message of metrics was due to its acknowledgement */
    size_t acks_n, acks_cap;
    double first_launch; /* since it was set to 0: of an attempt that is new to its agent */
    struct arena arena;
    struct buf text;
};

struct player {
    struct play *play;
    struct link *link;
    struct identity *identity; /* with TLS; else the token */
    char token[TOKEN_TEXT_BYTES], name[PLAYER_NAME_BYTES];
    uint64_t instance;
    bool welcome;
    int64_t retry_us, beat_us, metrics_us, end_us; /* when due; 0: not */
    bool waiting;                                  /* for an acknowledgement of metrics */
    char sweep[16];                                /* of its attempt; "": none */
    uint64_t trial, attempt, offset, length, step;
    bool over; /* its training has ended */
};

int64_t play_now_us(void);
void play_begin(struct play *p); /* connects, a few at a time */
void play_tick(struct play *p);  /* does what is due; every few milliseconds */
