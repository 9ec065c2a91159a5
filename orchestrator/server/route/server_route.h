/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* All routes of the server in one table (server_routes.h): method, path, required scope, the part of
 * the server that answers, and the names of its query. A request that matches no route is refused. A
 * route without a scope does not compile. In a path, "*" is one
 * part, and "**" at its end is one or more. A path that begins with "*" is a link as wandb's client
 * prints them, ENTITY/PROJECT/…: it matches no path whose first part begins another route. */
#include "net/http/http_head.h"
#include "orchestrator/server/route/server_routes.h"
#include "sweep/trust/credential.h"

enum server_part {
    SERVER_HEALTH, /* that the process lives */
    SERVER_METRICS,
    SERVER_READ,     /* a document of orchestrator/view/view_answer.h */
    SERVER_EXPORT,   /* all trials of a sweep as a file */
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

struct server_route {
    enum http_head_method method;
    const char *path;
    int need; /* enum credential_scope, or SERVER_ANYBODY */
    enum server_part part;
    const char *op, *key;
    const char *query; /* names that it may have, each with "#" if it is a number; NULL: any */
};

extern const struct server_route server_routes[];
extern const size_t server_routes_n;

enum { SERVER_NAME_BYTES = 72 }; /* the name of a snapshot has 64 */

/* The route of a request; NULL where there is none, and *ret_known is whether another method has
 * the path. name: the part that the first "*" matches, cut at its size. HEAD is served as GET. */
const struct server_route *server_route_find(enum http_head_method method, const char *path,
                                             char name[SERVER_NAME_BYTES], bool *ret_known);
