/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/remote/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/check.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "cli/invocation.h"
#include "net/endpoint.h"
#include "net/http/http_client.h"
#include "net/tls/tls.h"

#define ROOT "/api/v1/"

enum { SILENCE_MS = 10000 };

struct remote {
    struct endpoint endpoint;
    const struct identity *identity;
    char shown[ENDPOINT_BYTES]; /* without the fingerprint */
    uv_loop_t loop;
    struct http_client *client; /* NULL: not connected */
    struct buf headers;
};

/* A question, while it waits. */
struct remote_call {
    struct remote *remote;
    struct arena *arena;
    struct value *answer;
    struct err err;
    bool done, answered;
    bool kept;   /* on a connection of an earlier question */
    bool silent; /* the controller said nothing for SILENCE_MS */
};

bool remote_is_address(const char *store)
{
    return endpoint_is_text(store);
}

const char *remote_address(const struct invocation *inv)
{
    if (!subcommand_option_find(inv->subcommand, "server", strlen("server")))
        return NULL;
    const char *server = invocation_option(inv, "server");
    for (size_t i = 0; i < inv->n_options; i++) {
        if (strcmp(inv->options[i].option->name, "server") == 0)
            return server;
        if (strcmp(inv->options[i].option->name, "store") == 0)
            return NULL;
    }
    return server;
}

int remote_open(const char *address, struct remote **ret, struct err *err)
{
    struct endpoint endpoint;
    int rc = endpoint_parse(address, &endpoint, err);
    return rc ? rc : remote_open_as(&endpoint, getenv("BESOM_TOKEN"), NULL, ret, err);
}

int remote_open_as(const struct endpoint *endpoint, const char *token,
                   const struct identity *identity, struct remote **ret, struct err *err)
{
    if (token && token[strcspn(token, "\r\n \t")])
        return err_set(err, ERR_USAGE, "the token has a space or a line end in it");
    struct remote *r = mem_alloc(sizeof *r);
    r->endpoint = *endpoint;
    r->identity = identity;
    struct endpoint place = *endpoint;
    place.pin[0] = '\0';
    endpoint_print(&place, r->shown);
    check(uv_loop_init(&r->loop) == 0);
    buf_init(&r->headers, SIZE_MAX);
    if (token && *token)
        buf_addf(&r->headers, "Authorization: Bearer %s\r\n", token);
    *ret = r;
    return 0;
}

void remote_close(struct remote *r)
{
    if (!r)
        return;
    http_client_close(r->client);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    check(uv_loop_close(&r->loop) == 0);
    buf_done(&r->headers);
    mem_free(r);
}

/* Reuses the connection of the last question if it is open. The loop runs first, to notice if the
 * controller has closed it meanwhile. */
static int remote_connect(struct remote *r, bool *ret_kept, struct err *err)
{
    struct stream *stream;
    uv_run(&r->loop, UV_RUN_NOWAIT);
    *ret_kept = r->client && http_client_is_open(r->client);
    if (*ret_kept)
        return 0;
    http_client_close(r->client);
    r->client = NULL;
    int rc = endpoint_connect(&r->endpoint, &r->loop, r->identity, NULL, &stream, err);
    if (rc == 0)
        r->client = http_client_new(&r->loop, stream, r->endpoint.host);
    return rc;
}

/* Returns the controller's own error, or one that names the HTTP status. */
static void answer_fail(struct remote_call *c, int status, const struct value *answer)
{
    const char *text = value_get_str(answer, "error", NULL);
    int code = err_find(value_get_str(answer, "code", ""));
    if (status == 401)
        err_set(&c->err, ERR_PERMISSION, "%s refuses: %s", c->remote->shown,
                text ? text : "a credential is needed");
    else if (text)
        err_set(&c->err, code ? code : ERR_PROTOCOL, "%s", text);
    else
        err_set(&c->err, ERR_PROTOCOL, "%s answered with HTTP status %d: is it a besom controller?",
                c->remote->shown, status);
}

static void call_done(void *arg, const struct http_response *response, const struct err *why)
{
    struct remote_call *c = arg;
    struct value *answer = NULL;
    struct err none = {0};
    c->done = true;
    if (!response) {
        c->err = *why;
        return;
    }
    c->answered = true;
    if (json_parse(c->arena, response->body, response->body_len, &answer, &none) != 0)
        answer = NULL;
    if (response->head->status == 200 && (answer || response->body_len == 0))
        c->answer = answer ? answer : value_dict(c->arena);
    else
        answer_fail(c, response->head->status, answer);
}

/* Cuts off the address, which the message has already. */
static void place_cut(struct err *err)
{
    static const char before[] = "no connection to ";
    char *end = strncmp(err->text, before, sizeof before - 1) == 0 ? strstr(err->text, ": ") : NULL;
    if (end)
        memmove(err->text, end + 2, strlen(end + 2) + 1);
}

/* Explains why there was no answer. */
static int call_explain(const struct remote *r, bool may_act, struct err *err)
{
    if (err->code == ERR_UNREACHABLE)
        place_cut(err);
    if (err->code == ERR_UNREACHABLE)
        return err_wrap(err, "%s cannot be reached%s", r->shown,
                        may_act ? ", but may still act on the request" : "");
    if (err->code == ERR_IDENTITY && !r->endpoint.pin[0])
        return err_wrap(err,
                        "%s#sha256:… is the whole address of a besom controller, as besom serve "
                        "prints it; without the fingerprint",
                        r->shown);
    return err->code;
}

struct remote_body {
    const char *type; /* NULL: there is none */
    const void *bytes;
    uint64_t len;
    bool acts;  /* the controller does something because of it */
    bool filed; /* the body is `len` bytes of the file `fd`, which the client closes */
    int fd;
};

static void call_send(struct remote_call *c, const char *method, const char *target,
                      const struct remote_body *body)
{
    struct remote *r = c->remote;
    const struct http_call call = {.method = method,
                                   .target = target,
                                   .headers = buf_str(&r->headers),
                                   .type = body->type,
                                   .body = body->bytes,
                                   .body_len = body->len,
                                   .from_file = body->filed,
                                   .from_fd = body->fd,
                                   .response_limit = LIMIT_DOCUMENT_BYTES,
                                   .limit_ms = SILENCE_MS,
                                   .done = call_done,
                                   .arg = c};
    uv_update_time(&r->loop); /* it has not run since the last question */
    uint64_t began = uv_now(&r->loop);
    http_client_send(r->client, &call);
    while (!c->done)
        uv_run(&r->loop, UV_RUN_ONCE);
    c->silent = uv_now(&r->loop) - began >= SILENCE_MS;
}

/* A question that changes nothing is asked again if a reused connection breaks. */
static int remote_call(struct remote *r, const char *method, const char *path,
                       const struct remote_body *body, struct arena *a, struct value **ret,
                       struct err *err)
{
    const char *target = path[0] == '/' ? path : arena_printf(a, ROOT "%s", path);
    struct remote_call c;
    do {
        c = (struct remote_call){.remote = r, .arena = a};
        int rc = remote_connect(r, &c.kept, err);
        if (rc != 0)
            return rc;
        call_send(&c, method, target, body);
    } while (c.kept && !body->type && !c.answered && !c.silent && c.err.code == ERR_UNREACHABLE);
    if (c.err.code == 0) {
        *ret = c.answer;
        return 0;
    }
    *err = c.err;
    return c.answered ? err->code : call_explain(r, body->acts && c.silent, err);
}

int remote_get(struct remote *r, const char *path, struct arena *a, struct value **ret,
               struct err *err)
{
    return remote_call(r, "GET", path, &(struct remote_body){0}, a, ret, err);
}

int remote_post(struct remote *r, const char *path, const struct value *body, struct arena *a,
                struct value **ret, struct err *err)
{
    struct buf text;
    buf_init(&text, SIZE_MAX);
    json_print(&text, body, JSON_PYTHON);
    const struct remote_body sent = {
        .type = "application/json", .bytes = buf_str(&text), .len = text.len, .acts = true};
    int rc = remote_call(r, "POST", path, &sent, a, ret, err);
    buf_done(&text);
    return rc;
}

int remote_post_bytes(struct remote *r, const char *path, const void *bytes, size_t len,
                      struct arena *a, struct value **ret, struct err *err)
{
    const struct remote_body sent = {
        .type = "application/octet-stream", .bytes = bytes, .len = len};
    return remote_call(r, "POST", path, &sent, a, ret, err);
}

int remote_put(struct remote *r, const char *target, int fd, uint64_t size, struct err *err)
{
    const struct remote_body sent = {
        .type = "application/octet-stream", .len = size, .filed = true, .fd = fd};
    struct value *answer;
    struct arena a;
    arena_init(&a);
    int rc = remote_call(r, "PUT", target, &sent, &a, &answer, err);
    arena_done(&a);
    return rc;
}

int remote_certificate(const struct remote *r, struct remote_certificate *ret, struct buf *pem,
                       struct err *err)
{
    const struct stream *stream = r->client ? http_client_stream(r->client) : NULL;
    char host[sizeof r->endpoint.host];
    bool brackets = r->endpoint.host[0] == '[';
    struct tls_certificate found;
    snprintf(host, sizeof host, "%s", r->endpoint.host + brackets);
    host[strcspn(host, "]")] = '\0';
    if (!stream || !tls_peer_certificate(stream, host, &found, pem))
        return err_set(err, ERR_UNREACHABLE, "the connection to %s has ended", r->shown);
    *ret = (struct remote_certificate){.own = found.own, .named = found.named};
    return 0;
}
