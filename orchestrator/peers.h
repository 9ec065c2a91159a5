/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The links to agents: who is connected, by a number that is never used twice. A peer's bytes are
 * parsed into an arena of the caller, where only messages are kept. A peer that sends too much is
 * read again when the caller has caught up; a peer that is not welcomed in time is closed. Knows
 * the meaning of no message, except that a welcome lets a peer stay. */
#include <stddef.h>
#include <stdint.h>
#include "protocol/message.h"

struct uv_loop_s;
struct peers;
struct stream;

/* An agent in this process, without a link: a peer like the others. */
struct peers_seat {
    void (*message)(void *arg, const struct message *m); /* valid until it returns */
    void (*down)(void *arg); /* the controller has dropped it; not after peers_unseat() */
    void *arg;
};

enum { PEERS_HELLO_MS = 10000 };

struct peers_config {
    void (*message)(void *arg, uint32_t peer, const struct message *m); /* m lies in the arena */
    /* silent_ms: since something was last heard from it */
    void (*down)(void *arg, uint32_t peer, const char *why, int64_t silent_ms);
    void *arg;
    uint32_t beat_ms, silent_ms; /* of a link; 0: those of net/link.h */
    uint64_t hello_ms; /* a peer that is not welcome by then is closed; 0: PEERS_HELLO_MS */
};

struct peers *peers_new(struct uv_loop_s *loop, struct arena *arena,
                        const struct peers_config *config);
/* Takes over fd, a connected stream socket to an agent. */
NODISCARD int peers_attach(struct peers *p, int fd, struct err *err);
/* Takes over a stream that was upgraded to WebSocket, with bytes that were read from it already. The
 * credential with this id names its agent: a hello under another name closes it. address: for the log. */
void peers_accept(struct peers *p, struct stream *s, const char *rest, size_t len,
                  const char *agent, const char *credential, const char *address);
uint32_t peers_seat(struct peers *p, const struct peers_seat *seat); /* copied */
/* The agent says this, which is copied; a seat that is gone is ignored. */
void peers_hear(struct peers *p, uint32_t seat, const struct message *m);
/* The agent is gone, silent_ms since it was last heard. */
void peers_unseat(struct peers *p, uint32_t seat, int64_t silent_ms);
/* The id of the credential that the peer was accepted with; "" where there is none. */
const char *peers_credential(const struct peers *p, uint32_t peer);
/* Accepts agents that connect to an address (net/socket.h), from now on. Returns the port. */
NODISCARD int peers_listen(struct peers *p, const char *address, int *ret_port, struct err *err);
/* ERR_LIMIT: the message is longer than a frame may be. A peer that is gone is ignored. */
int peers_send(struct peers *p, uint32_t peer, const struct message *m);
void peers_drop(struct peers *p, uint32_t peer, const char *why);   /* closes its link */
void peers_refuse(struct peers *p, uint32_t peer, const char *why); /* the same, and logs it */
void peers_drop_credential(struct peers *p, const char *credential, const char *why);
/* The messages passed on have been handled: continues to read from peers that had sent too many. */
void peers_resume(struct peers *p);
void peers_close(struct peers *p); /* closes all; takes NULL */
void peers_free(struct peers *p);  /* after the loop has run on; takes NULL */
