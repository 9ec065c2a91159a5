/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An HTTP server with a few routes, and raw clients of it, on one loop.
 *
 *     GET /          "hello"              POST /echo     the body
 *     GET /later     "later", a turn later GET /never     never answered
 *     POST /small    body of 10 bytes     POST /big      body of 8 MiB: its length
 *     any /refuse    403 from its head    GET /events    three events
 *     GET /large     4 MiB                GET /upgrade   echoes bytes
 *     GET /pieces    "one", "three"       GET /broken    "one", and then it fails
 *     GET /endless   as many pieces of 64 KiB as the client reads
 *     GET /path/…    the path and query as they were read
 *     PUT /file      8 MiB to a file: its SHA-256; 507 for PUT /full, whose file has no room
 *     GET /file      that file, as /file was last put */
#include <uv.h>
#include "net/http/http_server.h"

struct served {
    uv_loop_t loop;
    struct http_server *server;
    size_t heads, requests, gones, pieces; /* pieces: of /endless */
    uint64_t pending[16];                  /* of /later and /never */
    size_t n_pending;
    uv_idle_t idle;
    char seen[4096];      /* of the last request: path, query, body */
    char fingerprint[80]; /* of its peer */
    struct stream *upgraded;
    struct listener *listener;
    int file; /* of /file; -1: none */
};

void served_begin(struct served *s, const struct http_config *config);
void served_end(struct served *s);
int served_port(struct served *s); /* from now on it listens */
/* A new connection; its other end. */
int served_connect(struct served *s, const char *address);
void served_turn(struct served *s); /* runs the loop once, without waiting long */
/* Sends all of text, in pieces of `piece` bytes (0: as one), and returns what came back until the
 * server closed its side: NUL-terminated, mem_free. */
char *served_exchange(struct served *s, const char *text, size_t len, size_t piece);
/* Reads from fd until it holds `until`, or the server has closed; appended to out. */
struct buf;
void served_read(struct served *s, int fd, const char *until, struct buf *out);
void served_send(struct served *s, int fd, const char *text, size_t len);
