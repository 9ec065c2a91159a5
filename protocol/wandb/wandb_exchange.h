/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A request of wandb's client, and the answer, between whoever listens to the client (the controller's
 * server, an agent's front) and whoever answers it (orchestrator/wandb/wandb_desk.h). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wandb_verb { WANDB_GET, WANDB_POST, WANDB_PUT };

struct wandb_ask {
    enum wandb_verb verb;
    const char *path, *query; /* of the URL: the path decoded, the query not */
    const char *body;         /* of a POST, uncompressed; NUL-terminated */
    size_t len;
    /* Of a PUT: a file with the body, on the file system of the store; whoever answers may take it
     * away by renaming it. */
    const char *file;
    uint64_t size;
    const char *sha256;       /* of that body: 64 hexadecimal digits */
    const unsigned char *md5; /* of that body: 16 bytes */
    const char *base; /* "https://HOST:PORT": how the client reaches it, for URLs in the answer */
    const char *by;   /* who asks, as in struct event */
    const char *who;  /* the name of that credential, if it has one; NULL: by */
    bool writes;      /* it may change something */
    uint64_t seen;    /* the revision of what is changed, as who asks has seen it; 0: not told */
    /* Not NULL: the only run that it may change, SWEEP-TRIAL. */
    const char *run;
};

struct wandb_reply {
    int status;
    const char *type;    /* of the body; NULL: none */
    const char *headers; /* further ones, each with "\r\n" at its end; NULL: none */
    const void *body;
    size_t len;
    const char *file; /* not NULL: the body is this file */
    uint64_t size;
};

/* Called once; what it is given is valid until it returns. */
typedef void (*wandb_reply_fn)(void *arg, const struct wandb_reply *reply);
