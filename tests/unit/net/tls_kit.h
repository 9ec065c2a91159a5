/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A TLS client and a TLS server on one loop, with a wire between them that a test can slow down,
 * split, cut and damage. */
#include "base/buf.h"
#include "net/tls/tls.h"
#include "tests/test.h"

/* One end, and what it has seen. */
struct end {
    struct stream *stream;
    struct buf got;
    size_t ups, downs, sents;
    int code;
    bool echo, pause_on_read;
    char why[200], key[IDENTITY_FINGERPRINT_BYTES]; /* the peer's key, when it was up */
};

/* Bytes on their way from one end's descriptor to the other's. */
struct wire {
    int from, to;
    size_t piece;       /* bytes at a time; 0: all that are there */
    size_t passed, cut; /* closes after `cut` bytes have passed; SIZE_MAX: never */
    size_t flip;        /* damages this byte; SIZE_MAX: none */
    bool stopped;       /* nothing passes */
};

struct kit {
    uv_loop_t loop;
    struct tls_server *server_kind;
    struct identity *server_id, *client_id; /* client_id: NULL for none */
    struct end client, server;
    struct wire up, down; /* from the client, and to it */
};

struct identity *kit_identity(const char *name, int days);
void kit_init(struct kit *k);
struct stream_handler kit_handler(struct end *e);
/* Begins the handshake; pin: NULL for the server's key. */
void kit_connect(struct kit *k, const char *pin, struct identity *client_id);
void kit_accept(struct kit *k); /* the server alone; the test is its client, at k->up.from */
/* Moves what can be moved, and runs the loop once without waiting; false where nothing moved. */
bool kit_step(struct kit *k);
void kit_until_up(struct kit *k);
void kit_until_got(struct kit *k, struct end *e, size_t bytes);
void kit_until_down(struct kit *k, struct end *e);
/* Closes what is open, runs the loop to its end and frees everything. */
void kit_done(struct kit *k);
