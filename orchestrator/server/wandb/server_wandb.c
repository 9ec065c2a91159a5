/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/wandb/server_wandb.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "orchestrator/core/books.h"
#include "orchestrator/server/route/server_match.h"
#include "orchestrator/server/reply/server_reply.h"
#include "orchestrator/wandb/wandb_desk.h"

#define HEADERS "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"

struct asking;

/* Memory for a body that arrives, or that the desk has. */
struct hold {
    size_t bytes;
    /* Not NULL: it stays until the desk has answered, whether or not the client waits. */
    struct asking *asking;
};

struct server_wandb {
    struct map holds; /* request -> struct hold * */
    size_t held;      /* bytes */
};

struct asking {
    struct server *server;
    uint64_t request;
    /* Of what people change on the page, for the record of actions; NULL: it is not recorded. */
    const char *what;
    char *subject, *by, *from;
};

void server_wandb_start(struct server *s)
{
    s->wandb = mem_alloc(sizeof *s->wandb);
    map_init(&s->wandb->holds);
}

static void hold_release(struct server_wandb *w, uint64_t request)
{
    struct hold *h = map_remove(&w->holds, &request, sizeof request);
    w->held -= h ? h->bytes : 0;
    mem_free(h);
}

void server_wandb_head(struct server *s, struct http_request *http)
{
    struct server_wandb *w = s->wandb;
    size_t bytes = LIMIT_WANDB_BODY_BYTES;
    if (!http->head->chunked)
        bytes = http->head->length < bytes ? (size_t)http->head->length : bytes;
    if (w->held + bytes > LIMIT_WANDB_HELD_BYTES) {
        server_reply_error(s, http->id, 503, ERR_BUSY, "too much is being sent at once");
        return;
    }
    struct hold *h = mem_alloc(sizeof *h);
    h->bytes = bytes;
    w->held += bytes;
    map_put(&w->holds, &http->id, sizeof http->id, h);
    http->body_limit = LIMIT_WANDB_BODY_BYTES;
}

void server_wandb_gone(struct server *s, uint64_t request)
{
    const struct hold *h = map_find(&s->wandb->holds, &request, sizeof request);
    if (h && !h->asking)
        hold_release(s->wandb, request);
    else if (h)
        wandb_desk_gone(s->config.desk, h->asking);
}

void server_wandb_reply(struct server *s, uint64_t request, const struct wandb_reply *reply)
{
    struct http_answer_file file = {-1, reply->size};
    struct http_answer answer = {.status = reply->status,
                                 .type = reply->type,
                                 .headers = reply->headers ? reply->headers : HEADERS,
                                 .body = reply->body,
                                 .len = reply->len};
    if (s->closing)
        return;
    if (reply->file)
        file.fd = open(reply->file, O_RDONLY | O_CLOEXEC);
    if (reply->file && file.fd < 0) {
        server_reply_error(s, request, 404, ERR_NOT_FOUND, "this file is missing");
        return;
    }
    answer.file = reply->file ? &file : NULL;
    http_server_reply(s->http, request, &answer);
}

static void asking_free(struct asking *q)
{
    mem_free(q->subject);
    mem_free(q->by);
    mem_free(q->from);
    mem_free(q);
}

static void asking_recorded(void *arg, int code, const char *text, const struct value *answer)
{
    struct asking *q = arg;
    (void)code, (void)text, (void)answer;
    server_reply_text(q->server, q->request, "application/json", "{\"ok\":true}");
    asking_free(q);
}

static void asking_answered(void *arg, const struct wandb_reply *reply)
{
    struct asking *q = arg;
    struct server *s = q->server;
    hold_release(s->wandb, q->request);
    if (q->what && reply->status < 400 && !s->closing) {
        driver_record(s->config.driver, q->what, q->subject, 0, NULL,
                      &(struct driver_asker){q->by, q->from, asking_recorded, q});
        return;
    }
    server_wandb_reply(s, q->request, reply);
    asking_free(q);
}

/* "https://HOST:PORT", as the client calls this controller; the judge has checked that it is ours. */
static const char *base_of(const struct http_request *http, char *out, size_t size)
{
    const char *host = http_head_find(http->head, "host");
    snprintf(out, size, "%s://%s", http->peer->tls ? "https" : "http", host ? host : "");
    return out;
}

void server_wandb_ask(struct server *s, const struct server_request *r, const struct wandb_ask *ask)
{
    const struct http_request *http = r->http;
    struct hold *h = map_find(&s->wandb->holds, &http->id, sizeof http->id);
    struct asking *q = mem_alloc(sizeof *q);
    if (h)
        h->asking = q;
    *q = (struct asking){.server = s, .request = http->id, .what = r->route->op};
    if (q->what) {
        q->subject = mem_strdup(r->name);
        q->by = mem_strdup(r->by);
        q->from = mem_strdup(http->peer->address);
    }
    wandb_desk_ask(s->config.desk, ask, asking_answered, q);
}

void server_wandb_answer(struct server *s, const struct server_request *r)
{
    const struct http_request *http = r->http;
    const struct http_head *head = http->head;
    const struct trust_credential *sender =
        trust_find(&driver_books(s->config.driver)->trust, r->by);
    char base[300];
    uint64_t seen;
    struct err err = {0};
    if (server_match_read(head, &seen, &err) != 0) {
        server_wandb_gone(s, http->id);
        server_reply_error(s, http->id, 0, err.code, err.text);
        return;
    }
    const struct wandb_ask ask = {
        .verb = head->method == HTTP_METHOD_PUT    ? WANDB_PUT
                : head->method == HTTP_METHOD_POST ? WANDB_POST
                                                   : WANDB_GET,
        .path = head->path,
        .query = head->query,
        .body = http->body,
        .len = http->body_len,
        .base = base_of(http, base, sizeof base),
        .by = r->by,
        .who = sender ? sender->name : NULL,
        .writes = credential_may(r->scope, CREDENTIAL_OPERATOR),
        .seen = seen,
    };
    server_wandb_ask(s, r, &ask);
}

void server_wandb_free(struct server *s)
{
    void *hold;
    for (size_t at = 0; map_next(&s->wandb->holds, &at, &hold);)
        mem_free(hold);
    map_done(&s->wandb->holds);
    mem_free(s->wandb);
}
