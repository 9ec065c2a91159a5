/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_agent.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "net/tls/secret.h"
#include "net/web_socket_handshake.h"
#include "orchestrator/server/reply/server_reply.h"

struct joining {
    struct server *server;
    uint64_t request;
};

static void joining_answered(void *arg, int code, const char *text, const struct value *answer)
{
    struct joining *j = arg;
    (void)answer;
    struct arena a;
    arena_init(&a);
    struct value *v = value_dict(&a);
    if (code != 0) {
        server_reply_error(j->server, j->request, 0, code, text);
    } else {
        value_put(&a, v, "ok", value_bool(&a, true));
        value_put(&a, v, "token", value_str(&a, text)); /* the credential's id */
        value_put(&a, v, "store", value_str(&a, driver_store_id(j->server->config.driver)));
        server_reply_value(j->server, j->request, v);
    }
    arena_done(&a);
    mem_free(j);
}

static void join_ask(struct server *s, const struct server_request *r, const struct value *body)
{
    const char *name = value_get_str(body, "name", NULL), *id = value_get_str(body, "token", NULL);
    const char *key = r->http->peer->fingerprint, *secret = value_get_str(body, "hash", NULL);
    char hash[SECRET_HASH_TEXT_BYTES];
    if (!name || !id || (!*key && !secret)) {
        server_reply_error(s, r->http->id, 400, ERR_USAGE,
                           "the body is not {\"name\":NAME,\"token\":ID,\"hash\":HASH}");
        return;
    }
    const struct fact grant = {.kind = FACT_TOKEN_CREATED,
                               .sweep = "",
                               .token = id,
                               .name = name,
                               .scope = CREDENTIAL_AGENT,
                               .form = *key ? CREDENTIAL_KEY : CREDENTIAL_SECRET,
                               .hash = *key ? key : secret};
    struct joining *j = mem_alloc(sizeof *j);
    *j = (struct joining){s, r->http->id};
    const struct driver_asker asker = {r->by, r->http->peer->address, joining_answered, j};
    secret_hash_text(r->bearer, strlen(r->bearer), hash);
    const struct event join = {.kind = EVENT_JOIN, .create = &grant, .token = r->by, .hash = hash};
    driver_ask(s->config.driver, &join, &asker);
}

void server_agent_join(struct server *s, const struct server_request *r)
{
    struct arena a;
    struct value *body = NULL;
    struct err err = {0};
    arena_init(&a);
    if (json_parse(&a, r->http->body, r->http->body_len, &body, &err) == 0)
        join_ask(s, r, body);
    else
        server_reply_error(s, r->http->id, 400, ERR_USAGE, err.text);
    arena_done(&a);
}

void server_agent_link(struct server *s, const struct server_request *r)
{
    struct buf headers;
    const char *rest = "", *why = NULL;
    size_t len = 0;
    int status = web_socket_handshake_check(r->http->head, &why);
    if (status != 0) {
        server_reply_error(s, r->http->id, status, ERR_USAGE, why);
        return;
    }
    if (!r->agent[0]) { /* to the links, no name is any name */
        server_reply_error(s, r->http->id, 403, ERR_PERMISSION,
                           "this credential does not say which agent it is of");
        return;
    }
    char address[sizeof r->http->peer->address]; /* the request is gone after the upgrade */
    memcpy(address, r->http->peer->address, sizeof address);
    buf_init(&headers, SIZE_MAX);
    web_socket_handshake_answer(r->http->head, &headers);
    struct stream *stream =
        http_server_upgrade(s->http, r->http->id, buf_str(&headers), &rest, &len);
    if (stream)
        driver_accept(s->config.driver, stream, rest, len, r->agent, r->by, address);
    buf_done(&headers);
}
