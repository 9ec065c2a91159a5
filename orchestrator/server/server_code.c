/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/server_code.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "base/limits.h"
#include "base/mem.h"
#include "net/worker.h"
#include "orchestrator/code/snapshots.h"
#include "orchestrator/server/route/server_query.h"
#include "orchestrator/server/reply/server_reply.h"
#include "sweep/code/code_pack.h"

enum {
    WAITING_MAX = 64,
    UPLOAD_MS = 60000,  /* without a piece */
    DOWNLOAD_MS = 5000, /* without a question for the next piece */
    LOOK_MS = 5000,
};

struct upload {
    char hash[CODE_PACK_HASH_CHARS + 1]; /* "": this place is free */
    uint64_t last_ms;
};

struct download {
    uint64_t connection; /* 0: this place is free */
    uint64_t last_ms;
};

struct server_code {
    struct server *server;
    struct worker *worker; /* NULL before the first request */
    uv_timer_t look;
    struct upload uploads[LIMIT_CODE_UPLOADS];
    struct download downloads[LIMIT_CODE_DOWNLOADS];
};

enum job_kind { JOB_STATE, JOB_ADD, JOB_READ, JOB_DROP };

struct job {
    struct server *server;
    enum job_kind kind;
    uint64_t request;
    char hash[CODE_PACK_HASH_CHARS + 1];
    uint64_t from, size, max, have;
    bool whole;
    char *bytes; /* of the piece; NULL: none */
    size_t len;
    int rc;
    struct err err;
};

static void job_run(void *arg)
{
    struct job *j = arg;
    const char *dir = j->server->config.dir;
    const struct snapshots_piece piece = {dir, j->hash, j->from, j->size, j->bytes, j->len};
    switch (j->kind) {
    case JOB_STATE:
        j->rc = snapshots_state(dir, j->hash, &j->have, &j->whole, &j->err);
        return;
    case JOB_ADD:
        j->rc = snapshots_add(&piece, &j->have, &j->whole, &j->err);
        return;
    case JOB_READ:
        j->bytes = mem_alloc((size_t)j->max);
        j->rc = snapshots_read(dir, j->hash, j->from, (size_t)j->max, j->bytes, &j->len, &j->size,
                               &j->err);
        return;
    case JOB_DROP:
        snapshots_drop_part(dir, j->hash);
        return;
    }
}

static struct upload *upload_find(struct server_code *c, const char *hash)
{
    for (size_t i = 0; i < LIMIT_CODE_UPLOADS; i++)
        if (strcmp(c->uploads[i].hash, hash) == 0)
            return &c->uploads[i];
    return NULL;
}

static void upload_end(struct server_code *c, const char *hash)
{
    struct upload *u = upload_find(c, hash);
    if (u)
        u->hash[0] = '\0';
}

/* False where too many arrive. */
static bool upload_note(struct server_code *c, const char *hash, uint64_t now)
{
    struct upload *u = upload_find(c, hash);
    if (!u)
        u = upload_find(c, "");
    if (!u)
        return false;
    snprintf(u->hash, sizeof u->hash, "%s", hash);
    u->last_ms = now;
    return true;
}

/* A request's id begins with that of its connection. */
static struct download *download_find(struct server_code *c, uint64_t request)
{
    for (size_t i = 0; i < LIMIT_CODE_DOWNLOADS; i++)
        if (c->downloads[i].connection == request >> 32)
            return &c->downloads[i];
    return NULL;
}

static bool download_note(struct server_code *c, uint64_t request, uint64_t now)
{
    struct download *d = download_find(c, request);
    for (size_t i = 0; !d && i < LIMIT_CODE_DOWNLOADS; i++)
        if (c->downloads[i].connection == 0 || now - c->downloads[i].last_ms > DOWNLOAD_MS)
            d = &c->downloads[i];
    if (d)
        *d = (struct download){request >> 32, now};
    return d;
}

static void state_reply(struct server *s, const struct job *j)
{
    struct arena a;
    arena_init(&a);
    struct value *v = value_dict(&a);
    value_put(&a, v, "ok", value_bool(&a, true));
    value_put(&a, v, "have", value_int(&a, (int64_t)j->have));
    value_put(&a, v, "whole", value_bool(&a, j->whole));
    server_reply_value(s, j->request, v);
    arena_done(&a);
}

static void job_done(void *arg)
{
    struct job *j = arg;
    struct server *s = j->server;
    if (j->kind == JOB_ADD && (j->rc != 0 || j->whole))
        upload_end(s->code, j->hash);
    if (j->kind == JOB_READ && (j->rc != 0 || j->from + j->len >= j->size)) {
        struct download *d = download_find(s->code, j->request);
        if (d)
            d->connection = 0;
    }
    if (j->kind != JOB_DROP && j->rc != 0)
        server_reply_error(s, j->request, j->rc == ERR_DAMAGED ? 400 : 0, j->rc, j->err.text);
    else if (j->kind == JOB_READ)
        server_reply_piece(s, j->request, j->bytes, j->len, j->size);
    else if (j->kind != JOB_DROP)
        state_reply(s, j);
    mem_free(j->bytes);
    mem_free(j);
}

static struct job *job_new(struct server *s, enum job_kind kind, const char *hash)
{
    struct job *j = mem_alloc(sizeof *j);
    j->server = s;
    j->kind = kind;
    snprintf(j->hash, sizeof j->hash, "%s", hash);
    return j;
}

static void code_on_look(uv_timer_t *timer)
{
    struct server_code *c = timer->data;
    uint64_t now = uv_now(c->server->config.loop);
    for (size_t i = 0; i < LIMIT_CODE_UPLOADS; i++) {
        struct upload *u = &c->uploads[i];
        if (!u->hash[0] || now - u->last_ms < UPLOAD_MS)
            continue;
        worker_push(c->worker, job_run, job_done, job_new(c->server, JOB_DROP, u->hash));
        u->hash[0] = '\0';
    }
}

void server_code_start(struct server *s)
{
    struct server_code *c = mem_alloc(sizeof *c);
    c->server = s;
    s->code = c;
    snapshots_drop_parts(s->config.dir);
    uv_timer_init(s->config.loop, &c->look);
    c->look.data = c;
    uv_timer_start(&c->look, code_on_look, LOOK_MS, LOOK_MS);
}

static enum job_kind kind_of(const struct server_route *route)
{
    return strcmp(route->op, "read") == 0  ? JOB_READ
           : strcmp(route->op, "add") == 0 ? JOB_ADD
                                           : JOB_STATE;
}

void server_code_answer(struct server *s, const struct server_request *r)
{
    struct server_code *c = s->code;
    const struct http_request *http = r->http;
    const char *query = http->head->query;
    uint64_t now = uv_now(s->config.loop);
    uint64_t max = server_query_number(query, "max", LIMIT_CODE_PIECE_BYTES);
    enum job_kind kind = kind_of(r->route);
    if (!code_pack_is_hash(r->name)) {
        server_reply_error(s, http->id, 400, ERR_USAGE,
                           "the path must end with the hash of a snapshot, 64 digits");
        return;
    }
    struct err err = {0};
    if (!c->worker && worker_start(s->config.loop, &c->worker, &err) != 0) {
        server_reply_error(s, http->id, 0, ERR_BUSY, err.text);
        return;
    }
    if (worker_waiting(c->worker) >= WAITING_MAX ||
        (kind == JOB_ADD && !upload_note(c, r->name, now)) ||
        (kind == JOB_READ && !download_note(c, http->id, now))) {
        server_reply_error(s, http->id, 0, ERR_BUSY,
                           "too many snapshots are on their way: ask again in a moment");
        return;
    }
    struct job *j = job_new(s, kind, r->name);
    j->request = http->id;
    j->from = server_query_number(query, "from", 0);
    j->size = server_query_number(query, "size", 0);
    j->max = max > 0 && max < LIMIT_CODE_PIECE_BYTES ? max : LIMIT_CODE_PIECE_BYTES;
    if (kind == JOB_ADD) {
        j->len = http->body_len;
        j->bytes = mem_alloc(j->len + 1);
        memcpy(j->bytes, http->body, j->len);
    }
    worker_push(c->worker, job_run, job_done, j);
}

void server_code_close(struct server *s)
{
    worker_close(s->code->worker);
    uv_close((uv_handle_t *)&s->code->look, NULL);
}

void server_code_free(struct server *s)
{
    mem_free(s->code);
}
