/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* All routes of the server in one table: method, path, required scope, and the part of the server
 * that answers. A request that matches no route is refused. A route without a scope does not
 * compile. In a path, "*" is one
 * part, and "**" at its end is one or more. A path that begins with "*" is a link as wandb's client
 * prints them, ENTITY/PROJECT/…: it matches no path whose first part begins another route. */
#include "net/http/http_head.h"
#include "sweep/trust/credential.h"

enum server_part {
    SERVER_HEALTH, /* that the process lives */
    SERVER_METRICS,
    SERVER_READ,     /* a document of orchestrator/view/view_answer.h */
    SERVER_ANALYSIS, /* a document of orchestrator/view/analysis/analysis.h */
    SERVER_RUNS,     /* a document about runs and artifacts */
    SERVER_FILE,     /* the content of one of their files */
    SERVER_ASK,      /* a request of the control socket: the rest is in the query or the body */
    SERVER_LINT,     /* a spec is checked */
    SERVER_EVENTS,   /* facts as they become durable */
    SERVER_JOIN,     /* a join token becomes an agent's credential */
    SERVER_AGENT,    /* the link of an agent */
    SERVER_CODE,     /* a snapshot, in pieces */
    SERVER_WANDB,    /* a request of wandb's clients */
    SERVER_RELAY,    /* such a request that an agent passes on */
    SERVER_PAGE,     /* a file of the page */
    SERVER_PLAIN,    /* tables for browsers without scripts */
    SERVER_SESSION,  /* a browser signs in or out */
    SERVER_UPLOAD,   /* a file that they send */
    SERVER_SWALLOW,  /* what these tell their maker about themselves */
};

/* In place of a scope. SERVER_SIGNED: the URL itself carries the right, which its part checks. */
enum { SERVER_ANYBODY = -1, SERVER_SIGNED = -2 };

/* method, path, scope, part; of SERVER_ASK the op of the control socket, and what it calls the "*";
 * of SERVER_CODE what is done; of SERVER_PAGE the file, and "link" where only browsers find it */
#define SERVER_ROUTES(X)                                                                      \
    X(GET, "/healthz", SERVER_ANYBODY, SERVER_HEALTH, NULL, NULL)                             \
    X(GET, "/", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL)                              \
    X(GET, "/s/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL)                           \
    X(GET, "/t/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL)                           \
    X(GET, "/agents", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL)                        \
    X(GET, "/runs", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL)                          \
    X(GET, "/runs/*/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL)                      \
    X(GET, "/runs/*/*/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL)                    \
    X(GET, "/reports", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL)                       \
    X(GET, "/reports/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", NULL)                     \
    X(GET, "/assets/*", SERVER_ANYBODY, SERVER_PAGE, NULL, NULL)                              \
    X(GET, "/plain", CREDENTIAL_VIEWER, SERVER_PLAIN, "sweeps", NULL)                         \
    X(GET, "/plain/*", CREDENTIAL_VIEWER, SERVER_PLAIN, "sweep", NULL)                        \
    X(POST, "/plain", SERVER_ANYBODY, SERVER_PLAIN, "sign in", NULL)                          \
    X(GET, "/api/v1/session", CREDENTIAL_VIEWER, SERVER_SESSION, NULL, NULL)                  \
    X(POST, "/api/v1/session", CREDENTIAL_VIEWER, SERVER_SESSION, NULL, NULL)                 \
    X(DELETE, "/api/v1/session", CREDENTIAL_VIEWER, SERVER_SESSION, NULL, NULL)               \
    X(GET, "/metrics", CREDENTIAL_VIEWER, SERVER_METRICS, NULL, NULL)                         \
    X(GET, "/api/v1/events", CREDENTIAL_VIEWER, SERVER_EVENTS, NULL, NULL)                    \
    X(GET, "/api/v1/agents", CREDENTIAL_VIEWER, SERVER_ASK, "agents", NULL)                   \
    X(POST, "/api/v1/agents/*/duty", CREDENTIAL_OPERATOR, SERVER_ASK, "agent", "agent")       \
    X(GET, "/api/v1/tokens", CREDENTIAL_ADMIN, SERVER_READ, NULL, NULL)                       \
    X(POST, "/api/v1/tokens/create", CREDENTIAL_ADMIN, SERVER_ASK, "token_create", NULL)      \
    X(POST, "/api/v1/tokens/*/revoke", CREDENTIAL_ADMIN, SERVER_ASK, "token_revoke", "token") \
    X(GET, "/api/v1/audit/*", CREDENTIAL_ADMIN, SERVER_READ, NULL, NULL)                      \
    X(GET, "/api/v1/find", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL)                        \
    X(GET, "/api/v1/fleet", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL)                       \
    X(GET, "/api/v1/sweeps", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL)                      \
    X(GET, "/api/v1/sweeps/*", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL)                    \
    X(GET, "/api/v1/sweeps/*/log", CREDENTIAL_VIEWER, SERVER_ASK, "log", "sweep")             \
    X(GET, "/api/v1/sweeps/*/waits", CREDENTIAL_VIEWER, SERVER_ASK, "waits", "sweep")         \
    X(GET, "/api/v1/sweeps/*/importance", CREDENTIAL_VIEWER, SERVER_ANALYSIS, NULL, NULL)     \
    X(GET, "/api/v1/sweeps/*/surface", CREDENTIAL_VIEWER, SERVER_ANALYSIS, NULL, NULL)        \
    X(GET, "/api/v1/sweeps/*/*", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL)                  \
    X(GET, "/api/v1/trials/*", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL)                    \
    X(GET, "/api/v1/trials/*/*", CREDENTIAL_VIEWER, SERVER_READ, NULL, NULL)                  \
    X(GET, "/api/v1/runs", CREDENTIAL_VIEWER, SERVER_RUNS, NULL, NULL)                        \
    X(GET, "/api/v1/runs/*", CREDENTIAL_VIEWER, SERVER_RUNS, NULL, NULL)                      \
    X(GET, "/api/v1/runs/*/file", CREDENTIAL_VIEWER, SERVER_FILE, NULL, NULL)                 \
    X(GET, "/api/v1/runs/*/*", CREDENTIAL_VIEWER, SERVER_RUNS, NULL, NULL)                    \
    X(POST, "/api/v1/runs/*/edit", CREDENTIAL_OPERATOR, SERVER_WANDB, NULL, NULL)             \
    X(GET, "/api/v1/artifacts", CREDENTIAL_VIEWER, SERVER_RUNS, NULL, NULL)                   \
    X(GET, "/api/v1/artifacts/*/file", CREDENTIAL_VIEWER, SERVER_FILE, NULL, NULL)            \
    X(POST, "/api/v1/sweeps/*/create", CREDENTIAL_OPERATOR, SERVER_ASK, "create", "sweep")    \
    X(POST, "/api/v1/sweeps/*/edit", CREDENTIAL_OPERATOR, SERVER_ASK, "edit", "sweep")        \
    X(POST, "/api/v1/sweeps/*/pause", CREDENTIAL_OPERATOR, SERVER_ASK, "pause", "sweep")      \
    X(POST, "/api/v1/sweeps/*/resume", CREDENTIAL_OPERATOR, SERVER_ASK, "resume", "sweep")    \
    X(POST, "/api/v1/sweeps/*/stop", CREDENTIAL_OPERATOR, SERVER_ASK, "stop", "sweep")        \
    X(POST, "/api/v1/sweeps/*/cancel", CREDENTIAL_OPERATOR, SERVER_ASK, "cancel", "sweep")    \
    X(POST, "/api/v1/sweeps/*/retry", CREDENTIAL_OPERATOR, SERVER_ASK, "retry", "sweep")      \
    X(POST, "/api/v1/sweeps/*/enqueue", CREDENTIAL_OPERATOR, SERVER_ASK, "enqueue", "sweep")  \
    X(POST, "/api/v1/lint", CREDENTIAL_OPERATOR, SERVER_LINT, NULL, NULL)                     \
    X(GET, "/api/v1/views", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL)                      \
    X(POST, "/api/v1/views/*", CREDENTIAL_OPERATOR, SERVER_WANDB, NULL, NULL)                 \
    X(POST, "/api/v1/views/*/remove", CREDENTIAL_OPERATOR, SERVER_WANDB, NULL, NULL)          \
    X(GET, "/api/v1/reports", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL)                    \
    X(GET, "/api/v1/reports/*", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL)                  \
    X(POST, "/api/v1/reports/*", CREDENTIAL_OPERATOR, SERVER_WANDB, NULL, NULL)               \
    X(POST, "/api/v1/reports/*/remove", CREDENTIAL_OPERATOR, SERVER_WANDB, NULL, NULL)        \
    X(POST, "/api/v1/join", CREDENTIAL_JOIN, SERVER_JOIN, NULL, NULL)                         \
    X(GET, "/api/v1/code/*", CREDENTIAL_OPERATOR, SERVER_CODE, "state", NULL)                 \
    X(POST, "/api/v1/code/*", CREDENTIAL_OPERATOR, SERVER_CODE, "add", NULL)                  \
    X(GET, "/agent/v1", CREDENTIAL_AGENT, SERVER_AGENT, NULL, NULL)                           \
    X(GET, "/agent/v1/code/*", CREDENTIAL_AGENT, SERVER_CODE, "read", NULL)                   \
    X(POST, "/agent/v1/wandb/*/*/*/**", CREDENTIAL_AGENT, SERVER_RELAY, NULL, NULL)           \
    X(POST, "/graphql", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL)                          \
    X(POST, "/files/*/*/*/file_stream", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL)          \
    X(PUT, "/storage/put", SERVER_SIGNED, SERVER_UPLOAD, NULL, NULL)                          \
    X(GET, "/storage/get", SERVER_SIGNED, SERVER_WANDB, NULL, NULL)                           \
    X(GET, "/artifacts/*/*", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL)                     \
    X(GET, "/artifactsV2/*/*/*/*/*/*", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL)           \
    X(GET, "/artifactsV2/*/*/*/*/*/*/*", CREDENTIAL_VIEWER, SERVER_WANDB, NULL, NULL)         \
    X(POST, "/sdk/otel/v1/*", SERVER_ANYBODY, SERVER_SWALLOW, NULL, NULL)                     \
    X(GET, "/*/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", "link")                         \
    X(GET, "/*/*/runs/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", "link")                  \
    X(GET, "/*/*/sweeps/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", "link")                \
    X(GET, "/*/*/artifacts/*/*/*", SERVER_ANYBODY, SERVER_PAGE, "index.html", "link")

struct server_route {
    enum http_head_method method;
    const char *path;
    int need; /* enum credential_scope, or SERVER_ANYBODY */
    enum server_part part;
    const char *op, *key;
};

extern const struct server_route server_routes[];
extern const size_t server_routes_n;

enum { SERVER_NAME_BYTES = 72 }; /* the name of a snapshot has 64 */

/* The route of a request; NULL where there is none, and *ret_known is whether another method has
 * the path. name: the part that the first "*" matches, cut at its size. HEAD is served as GET. */
const struct server_route *server_route_find(enum http_head_method method, const char *path,
                                             char name[SERVER_NAME_BYTES], bool *ret_known);
