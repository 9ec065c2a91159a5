/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What a request to the agent's wandb front is about, and whose it is. The client sends the key of its
 * attempt in a header; with uploads and downloads it sends none, so their URLs have it in the path:
 * /besom/KEY/… */
#include "agent/wandb/wandb_access.h"
#include "base/arena.h"
#include "net/http/http_head.h"

enum wandb_route_kind {
    WANDB_ROUTE_NONE, /* refused */
    WANDB_ROUTE_GRAPHQL,
    WANDB_ROUTE_STREAM,    /* …/file_stream */
    WANDB_ROUTE_TELEMETRY, /* has no key */
    WANDB_ROUTE_UPLOAD,    /* a file of the attempt's own run */
    WANDB_ROUTE_PASS,      /* to the controller */
};

struct wandb_route {
    enum wandb_route_kind kind;
    const char *path;          /* without the key; within the head */
    char run[WANDB_RUN_BYTES]; /* of a STREAM; cut */
    bool known;                /* there is a key, and it is one of this agent */
    struct agent_key key;
};

struct wandb_route wandb_route_find(const struct wandb_access *w, const struct http_head *head);
/* The URL that all others of the attempt begin with, and that of its uploads, which a query follows. */
char *wandb_route_base(struct arena *a, const struct wandb_access *w, const struct agent_key *key);
char *wandb_route_uploads(struct arena *a, const struct wandb_access *w,
                          const struct agent_key *key);
