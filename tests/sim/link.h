/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Ordered streams of messages between the controller and an agent. One that breaks delivers a
 * prefix of what was under way in each direction, and its two ends learn of it each in its time. */
#include "tests/sim/sim.h"

enum link_way { LINK_TO_SERVER, LINK_TO_AGENT };

struct packet {
    char *text;
    size_t len;
};

struct link_stream {
    struct packet *packets;
    size_t sent, cap, taken;
    size_t kept; /* how many arrive, of a broken link */
    int64_t last_at;
    bool down;         /* its end knows */
    int64_t cut_until; /* what was sent waits until then */
};

struct link {
    uint32_t id; /* from 1 */
    int host;
    uint64_t server_generation, agent_generation;
    bool broken;
    int64_t broken_ms, heard_ms; /* when it broke; when the controller last heard a message */
    struct link_stream streams[2];
};

struct links {
    struct link **items;
    size_t n, cap;
};

void links_init(struct sim *s);
void links_done(struct sim *s);
/* A new link between the living controller and the living agent of the host. */
struct link *link_open_to(struct sim *s, int host);
struct link *link_find(const struct sim *s, uint32_t id);
void link_send_text(struct sim *s, struct link *l, enum link_way way, const char *text, size_t len);
void link_break(struct sim *s, struct link *l);
/* Nothing arrives in one direction, for so long or until the receiver finds the link dead. */
void link_cut(struct sim *s, struct link *l, enum link_way way, int64_t ms);
/* Some end has fallen silent: the others find out, if it stays so. */
void links_watch(struct sim *s);
