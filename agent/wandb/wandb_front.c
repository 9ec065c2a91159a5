/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_front.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "agent/launch/launch_attempt.h"
#include "agent/small_file.h"
#include "agent/wandb/wandb_runs.h"
#include "base/bytes/base64.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "net/http/http_server.h"
#include "net/socket.h"
#include "net/worker.h"

#define FILE_NAME "wandb"
enum { FILE_BYTES = 128, WAITING_MAX = 256 /* requests */ };

struct wandb_front {
    struct uv_loop_s *loop;
    char *dir;
    struct wandb_handler handler;
    struct wandb_access access;
    struct listener *listener;
    struct http_server *http;
    struct worker *worker; /* NULL before the first request */
    struct wandb_runs *runs;
    struct map holds;   /* request -> struct hold * */
    bool closing, left; /* left: its thread still works, and uses what is here */
};

/* Memory for the body of a request that arrives, or that the thread is to answer. */
struct hold {
    struct agent_key key;
    size_t bytes;
    bool pushed; /* it stays until the thread is done, whether or not its client waits */
};

struct calling {
    struct wandb_front *front;
    uint64_t request;
    struct wandb_call call;
    char run[WANDB_RUN_BYTES];
    struct buf body, out;
    int status;
    enum { CALLING_ANSWER, CALLING_COLLECT, CALLING_DROP } what;
};

static void reply_text(struct wandb_front *f, uint64_t request, int status, const char *text,
                       size_t len)
{
    const struct http_answer answer = {.status = status,
                                       .type = "application/json",
                                       .headers =
                                           status == 401 ? "WWW-Authenticate: Basic\r\n" : NULL,
                                       .body = text,
                                       .len = len};
    if (!f->closing)
        http_server_reply(f->http, request, &answer);
}

static void reply_error(struct wandb_front *f, uint64_t request, int status, const char *why)
{
    struct buf out;
    buf_init(&out, SIZE_MAX);
    buf_adds(&out, "{\"errors\":[{\"message\":\"");
    buf_adds(&out, why); /* texts of this file, which need no escapes */
    buf_adds(&out, "\"}]}");
    reply_text(f, request, status, buf_str(&out), out.len);
    buf_done(&out);
}

/* wandb sends "Basic " and base64 of "api:KEY". */
static bool key_read(const struct wandb_front *f, const struct http_request *r,
                     struct agent_key *ret)
{
    static const char scheme[] = "Basic ";
    const char *value = http_head_find(r->head, "authorization");
    struct buf text;
    bool known = false;
    buf_init(&text, LIMIT_HTTP_HEADER_BYTES);
    if (value && strncasecmp(value, scheme, strlen(scheme)) == 0 &&
        base64_parse(&text, value + strlen(scheme), strlen(value + strlen(scheme))) &&
        strlen(buf_peek(&text)) == text.len) {
        const char *colon = strchr(buf_peek(&text), ':');
        known = colon && wandb_access_read(&f->access, colon + 1, ret);
    }
    buf_done(&text);
    return known;
}

enum front_path { PATH_OTHER, PATH_GRAPHQL, PATH_STREAM, PATH_TELEMETRY };

/* run: of /files/ENTITY/PROJECT/RUN/file_stream, cut at its size. */
static enum front_path path_find(const struct http_head *head, char run[WANDB_RUN_BYTES])
{
    static const char end[] = "/file_stream", files[] = "/files/";
    const char *path = head->path;
    size_t len = strlen(path);
    if (head->method != HTTP_METHOD_POST)
        return PATH_OTHER;
    if (strcmp(path, "/graphql") == 0)
        return PATH_GRAPHQL;
    if (strncmp(path, "/sdk/otel/", strlen("/sdk/otel/")) == 0)
        return PATH_TELEMETRY;
    if (strncmp(path, files, strlen(files)) != 0 || len < strlen(files) + strlen(end) ||
        strcmp(path + len - strlen(end), end) != 0)
        return PATH_OTHER;
    const char *name_end = path + len - strlen(end), *name = name_end;
    while (name > path && name[-1] != '/')
        name--;
    snprintf(run, WANDB_RUN_BYTES, "%.*s", (int)(name_end - name), name);
    return PATH_STREAM;
}

/* False where it was refused. */
static bool request_admit(struct wandb_front *f, struct http_request *r, struct agent_key *key)
{
    if (!key_read(f, r, key)) {
        reply_error(f, r->id, 401, "this key is not one of a trial of this agent");
        return false;
    }
    if (f->handler.state(f->handler.arg, key) == WANDB_GONE) {
        reply_error(f, r->id, 404, "the attempt that this key is for has ended");
        return false;
    }
    return true;
}

static bool holds_have_room(const struct wandb_front *f, const struct agent_key *key, size_t bytes)
{
    size_t all = bytes, own = bytes;
    void *value;
    for (size_t at = 0; map_next(&f->holds, &at, &value);) {
        const struct hold *h = value;
        all += h->bytes;
        own += memcmp(&h->key, key, sizeof *key) == 0 ? h->bytes : 0;
    }
    return all <= LIMIT_WANDB_HELD_BYTES && own <= LIMIT_WANDB_ATTEMPT_BYTES;
}

/* One training must not take all memory of the agent. */
static void body_admit(struct wandb_front *f, struct http_request *r, const struct agent_key *key)
{
    size_t bytes = LIMIT_WANDB_BODY_BYTES;
    if (!r->head->chunked && r->head->length < bytes)
        bytes = (size_t)r->head->length;
    if (bytes <= LIMIT_HTTP_BODY_BYTES)
        return;
    if (!holds_have_room(f, key, bytes)) {
        reply_error(f, r->id, 503, "too much is being sent at once");
        return;
    }
    struct hold *h = mem_alloc(sizeof *h);
    *h = (struct hold){.key = *key, .bytes = bytes};
    map_put(&f->holds, &r->id, sizeof r->id, h);
    r->body_limit = LIMIT_WANDB_BODY_BYTES;
}

static void body_release(struct wandb_front *f, uint64_t request)
{
    mem_free(map_remove(&f->holds, &request, sizeof request));
}

static void front_on_gone(void *arg, uint64_t request)
{
    struct wandb_front *f = arg;
    const struct hold *h = map_find(&f->holds, &request, sizeof request);
    if (h && !h->pushed)
        body_release(f, request);
}

static void front_on_head(void *arg, struct http_request *r)
{
    struct wandb_front *f = arg;
    struct agent_key key;
    char run[WANDB_RUN_BYTES];
    enum front_path path = path_find(r->head, run);
    if (path == PATH_OTHER) {
        reply_error(f, r->id, 404, "besom has no such path for training");
    } else if (path != PATH_TELEMETRY && request_admit(f, r, &key)) {
        r->trusted = true;
        body_admit(f, r, &key);
    }
}

static void calling_run(void *arg)
{
    struct calling *c = arg;
    struct wandb_runs *runs = c->front->runs;
    switch (c->what) {
    case CALLING_ANSWER:
        c->status = wandb_runs_answer(runs, &c->call, &c->out);
        return;
    case CALLING_COLLECT:
        wandb_runs_collect(runs, &c->call.key);
        return;
    case CALLING_DROP:
        wandb_runs_drop(runs, &c->call.key);
        return;
    }
}

static void answer_give(struct wandb_front *f, const struct calling *c)
{
    body_release(f, c->request);
    reply_text(f, c->request, c->status, buf_str(&c->out), c->out.len);
}

static void calling_done(void *arg)
{
    struct calling *c = arg;
    struct wandb_front *f = c->front;
    if (c->what == CALLING_ANSWER)
        answer_give(f, c);
    else if (c->what == CALLING_COLLECT)
        f->handler.collected(f->handler.arg, &c->call.key);
    buf_done(&c->body);
    buf_done(&c->out);
    mem_free(c);
}

static struct calling *calling_new(struct wandb_front *f, const struct agent_key *key)
{
    struct calling *c = mem_alloc(sizeof *c);
    c->front = f;
    c->call.key = *key;
    buf_init(&c->body, SIZE_MAX);
    buf_init(&c->out, SIZE_MAX);
    return c;
}

static bool worker_is_there(struct wandb_front *f)
{
    struct err err = {0};
    return f->worker || worker_start(f->loop, &f->worker, &err) == 0;
}

static void request_push(struct wandb_front *f, const struct http_request *r,
                         const struct agent_key *key, enum front_path path, const char *run)
{
    if (!worker_is_there(f)) {
        reply_error(f, r->id, 503, "the agent has no thread to answer with");
        return;
    }
    if (worker_waiting(f->worker) >= WAITING_MAX) {
        reply_error(f, r->id, 503, "too many requests are waiting");
        return;
    }
    struct hold *h = map_find(&f->holds, &r->id, sizeof r->id);
    if (h)
        h->pushed = true;
    struct calling *c = calling_new(f, key);
    c->request = r->id;
    buf_add(&c->body, r->body, r->body_len);
    snprintf(c->run, sizeof c->run, "%s", run);
    c->call.stream = path == PATH_STREAM;
    c->call.run = c->run;
    c->call.stopping = f->handler.state(f->handler.arg, key) == WANDB_STOPPING;
    c->call.body = buf_str(&c->body);
    c->call.len = c->body.len;
    worker_push(f->worker, calling_run, calling_done, c);
}

static void front_on_request(void *arg, struct http_request *r)
{
    struct wandb_front *f = arg;
    struct agent_key key;
    char run[WANDB_RUN_BYTES] = "";
    enum front_path path = path_find(r->head, run);
    uint64_t id = r->id; /* an answer clears it */
    if (path == PATH_TELEMETRY)
        reply_text(f, r->id, 200, "{}", strlen("{}"));
    else if (request_admit(f, r, &key))
        request_push(f, r, &key, path, run);
    front_on_gone(f, id); /* where it was refused */
}

static void front_accepted(void *arg, struct stream *stream)
{
    struct wandb_front *f = arg;
    struct http_peer peer = {0};
    socket_peer(stream, peer.address);
    if (f->closing)
        stream_close(stream, "the agent is shutting down");
    else
        http_server_accept(f->http, stream, &peer);
}

/* "PORT SECRET": the port that running trainings know, 0 if there is none. */
static int memory_read(struct wandb_front *f)
{
    char text[FILE_BYTES] = "", *end;
    struct err none = {0};
    int rc = small_file_read(f->dir, FILE_NAME, text, sizeof text, &none);
    long port = rc == 0 ? strtol(text, &end, 10) : 0;
    bool whole = port > 0 && port < 65536 && *end == ' ' && strlen(end + 1) == SECRET_CHARS;
    if (whole)
        memcpy(f->access.secret, end + 1, sizeof f->access.secret);
    else
        secret_text(f->access.secret, SECRET_CHARS);
    secret_wipe(text, sizeof text);
    return whole ? (int)port : 0;
}

static int memory_write(const struct wandb_front *f, int port, struct err *err)
{
    char text[FILE_BYTES];
    snprintf(text, sizeof text, "%d %s\n", port, f->access.secret);
    int rc = small_file_write(f->dir, FILE_NAME, text, err);
    secret_wipe(text, sizeof text);
    return rc;
}

static int front_listen(struct wandb_front *f, int port, struct err *err)
{
    char address[32];
    snprintf(address, sizeof address, "127.0.0.1:%d", port);
    return socket_listen(f->loop, address, front_accepted, f, &f->listener, err);
}

int wandb_front_start(struct uv_loop_s *loop, const char *dir, const struct wandb_handler *handler,
                      struct wandb_front **ret, struct err *err)
{
    const struct http_config limits = {.connections = LIMIT_WANDB_CONNECTIONS,
                                       .peer_connections = LIMIT_WANDB_CONNECTIONS};
    struct wandb_front *f = mem_alloc(sizeof *f);
    const struct http_handler http = {front_on_head, front_on_request, front_on_gone, f};
    f->loop = loop;
    f->dir = mem_strdup(dir);
    f->handler = *handler;
    map_init(&f->holds);
    int port = memory_read(f);
    int rc = port > 0 ? front_listen(f, port, err) : ERR_NOT_FOUND;
    if (rc != 0)
        rc = front_listen(f, 0, err);
    if (rc == 0 && socket_listener_port(f->listener) != port)
        rc = memory_write(f, socket_listener_port(f->listener), err);
    if (rc != 0) {
        socket_listener_close(f->listener);
        map_done(&f->holds);
        mem_free(f->dir);
        mem_free(f);
    } else {
        f->http = http_server_new(loop, &limits, &http);
        f->runs = wandb_runs_new(dir);
        snprintf(f->access.url, sizeof f->access.url, "http://127.0.0.1:%d",
                 socket_listener_port(f->listener));
        *ret = f;
    }
    return rc;
}

const struct wandb_access *wandb_front_access(const struct wandb_front *f)
{
    return &f->access;
}

bool wandb_front_collect(struct wandb_front *f, const struct agent_key *key)
{
    struct arena a;
    arena_init(&a);
    bool any = access(launch_attempt_wandb_dir(&a, f->dir, key), X_OK) == 0;
    arena_done(&a);
    if (!any || f->closing || !worker_is_there(f))
        return false;
    struct calling *c = calling_new(f, key);
    c->what = CALLING_COLLECT;
    worker_push(f->worker, calling_run, calling_done, c);
    return true;
}

void wandb_front_drop(struct wandb_front *f, const struct agent_key *key)
{
    if (!f->worker || f->closing)
        return;
    struct calling *c = calling_new(f, key);
    c->what = CALLING_DROP;
    worker_push(f->worker, calling_run, calling_done, c);
}

void wandb_front_close(struct wandb_front *f)
{
    if (!f)
        return;
    f->closing = true;
    socket_listener_close(f->listener);
    http_server_close(f->http);
    f->left = worker_leave(f->worker); /* what training has left may take long to read */
}

void wandb_front_free(struct wandb_front *f)
{
    void *hold;
    if (!f || f->left)
        return;
    for (size_t at = 0; map_next(&f->holds, &at, &hold);)
        mem_free(hold);
    map_done(&f->holds);
    wandb_runs_free(f->runs);
    mem_free(f->dir);
    secret_wipe(&f->access, sizeof f->access);
    mem_free(f);
}
