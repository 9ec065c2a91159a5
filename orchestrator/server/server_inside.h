/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The open server and a request to it, for the files of orchestrator/server/ alone. */
#include "net/http/http_server.h"
#include "orchestrator/core/steer/repeats.h"
#include "orchestrator/core/trust/trust.h"
#include "orchestrator/server/server_config.h"
#include "orchestrator/server/route/server_route.h"

enum { SERVER_BASIC_BYTES = 128 };

struct server_door;
struct server_reader;
struct server_analysis;
struct server_runs;
struct server_events;
struct server_export;
struct server_late;
struct server_code;
struct server_wandb;
struct page_session;
struct server_wandb_agent;
struct server_upload;
struct server_question;

struct server {
    struct server_config config;
    struct server_door *door;
    struct http_server *http;
    struct server_reader *reader;
    struct server_analysis *analysis;
    struct server_runs *runs;
    struct server_events *events;
    struct server_export *export;
    struct server_late *late;
    struct server_code *code;
    struct server_wandb *wandb;
    struct page_session *session;
    struct server_wandb_agent *wandb_agent; /* NULL before the first request */
    struct server_upload *upload;
    struct repeats repeats;
    struct trust_credential own;       /* of config.key */
    struct server_question *questions; /* that threads answer */
    bool closing;
};

/* A request whose route and sender are known. */
struct server_request {
    const struct http_request *http;
    const struct server_route *route;
    char name[SERVER_NAME_BYTES];   /* the part of the path that the first "*" matches */
    const char *id;                 /* of its credential; "": none was needed */
    const char *by;                 /* who that is, as facts name them; "": none was needed */
    uint64_t sender;                /* the number of that credential; 0: none was needed */
    const char *agent;              /* the name of an agent's credential; "" of others */
    enum credential_scope scope;    /* of that credential */
    const char *bearer;             /* the token that was sent; "" if none was */
    bool session;                   /* a cookie was sent instead */
    char basic[SERVER_BASIC_BYTES]; /* where it was sent by wandb's clients, it is kept here */
};
