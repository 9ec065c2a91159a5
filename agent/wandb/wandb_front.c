/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_front.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/launch/launch_attempt.h"
#include "agent/small_file.h"
#include "agent/wandb/wandb_forward.h"
#include "agent/wandb/wandb_route.h"
#include "agent/wandb/wandb_runs.h"
#include "agent/wandb/wandb_spool.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "net/http/http_server.h"
#include "net/socket.h"
#include "net/worker.h"

#define FILE_NAME "wandb"
#define UPLOAD "upload-"
enum { FILE_BYTES = 128, WAITING_MAX = 256 /* requests */ };

struct wandb_front {
    struct wandb_front_config config;
    char *dir;
    struct wandb_access access;
    struct listener *listener;
    struct http_server *http;
    struct worker *worker; /* NULL before the first request */
    struct wandb_runs *runs;
    struct wandb_forward *forward; /* NULL without an upstream */
    uint64_t uploads;              /* so far, for the names of files */
    struct calling *parked;        /* they wait until what was said before is forwarded */
    struct map holds;              /* request -> struct hold * */
    bool closing, left;            /* left: its thread still works, and uses what is here */
};

/* Memory for the body of a request that arrives, or that the thread is to answer. */
struct hold {
    struct agent_key key;
    size_t bytes;
    bool pushed; /* it stays until the thread is done, whether or not its client waits */
};

struct calling {
    struct wandb_front *front;
    struct calling *next; /* of the parked ones */
    uint64_t request;
    struct wandb_call call;
    struct arena a; /* for its texts */
    enum wandb_verb verb;
    const char *path, *query, *base;
    char run[WANDB_RUN_BYTES];
    struct buf body, out;
    const char *file; /* with the body; NULL: it is in `body` */
    uint64_t size;
    struct digest digest; /* of the file */
    int status, code;
    enum { CALLING_ANSWER, CALLING_UPLOAD, CALLING_PASS, CALLING_COLLECT, CALLING_DROP } what;
};

/* While an upload arrives. */
static char *upload_path(struct arena *a, const struct wandb_front *f, uint64_t number)
{
    return arena_printf(a, "%s/" WANDB_SPOOL_DIR "/" UPLOAD "%" PRIu64, f->dir, number);
}

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

/* False where it was refused. */
static bool request_admit(struct wandb_front *f, struct http_request *r,
                          const struct wandb_route *route)
{
    bool passes = route->kind == WANDB_ROUTE_PASS || route->kind == WANDB_ROUTE_UPLOAD;
    const struct wandb_handler *h = &f->config.handler;
    if (route->kind == WANDB_ROUTE_NONE || (passes && (!f->forward || !route->known)))
        reply_error(f, r->id, 404, "besom has no such path for training");
    else if (!route->known)
        reply_error(f, r->id, 401, "this key is not one of a trial of this agent");
    else if (h->state(h->arg, &route->key) == WANDB_GONE)
        reply_error(f, r->id, 404, "the attempt that this key is for has ended");
    else
        return true;
    return false;
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

/* The body of an upload goes to a file. */
static void upload_admit(struct wandb_front *f, struct http_request *r)
{
    struct arena a;
    arena_init(&a);
    const char *path = upload_path(&a, f, ++f->uploads);
    (void)mkdir(arena_printf(&a, "%s/" WANDB_SPOOL_DIR, f->dir), 0700);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        reply_error(f, r->id, 503, "the disk has no room for uploads");
    } else {
        r->to_file = true;
        r->fd = fd;
        r->tag = f->uploads;
        r->body_limit = LIMIT_WANDB_UPLOAD_BYTES;
    }
    arena_done(&a);
}

static void front_on_head(void *arg, struct http_request *r)
{
    struct wandb_front *f = arg;
    const struct wandb_route route = wandb_route_find(&f->access, r->head);
    if (route.kind == WANDB_ROUTE_TELEMETRY || !request_admit(f, r, &route))
        return;
    r->trusted = true;
    if (r->head->method == HTTP_METHOD_PUT)
        upload_admit(f, r);
    else
        body_admit(f, r, &route.key);
}

static void calling_run(void *arg)
{
    struct calling *c = arg;
    struct wandb_runs *runs = c->front->runs;
    switch (c->what) {
    case CALLING_ANSWER:
        c->status = wandb_runs_answer(runs, &c->call, &c->out);
        return;
    case CALLING_UPLOAD:
        c->status = wandb_runs_upload(runs, &c->call.key, c->query, c->file, c->size, &c->digest);
        buf_adds(&c->out, "{}");
        return;
    case CALLING_PASS:
        return;
    case CALLING_COLLECT:
        wandb_runs_collect(runs, &c->call.key, c->code);
        return;
    case CALLING_DROP:
        wandb_runs_drop(runs, &c->call.key);
        return;
    }
}

static void calling_free(struct calling *c)
{
    if (c->file)
        (void)unlink(c->file); /* unless it was moved to where it stays */
    buf_done(&c->body);
    buf_done(&c->out);
    arena_done(&c->a);
    mem_free(c);
}

static void answer_give(struct wandb_front *f, const struct calling *c)
{
    body_release(f, c->request);
    reply_text(f, c->request, c->status, buf_str(&c->out), c->out.len);
}

static void pass_answer(struct wandb_front *f, const struct calling *c,
                        const struct wandb_reply *reply)
{
    struct http_answer_file file = {.fd = -1, .size = reply->size};
    struct http_answer answer = {.status = reply->status,
                                 .type = reply->type,
                                 .headers = reply->headers,
                                 .body = reply->body,
                                 .len = reply->len};
    if (reply->file) {
        file.fd = open(reply->file, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
        answer.file = file.fd >= 0 ? &file : NULL;
        answer.status = file.fd >= 0 ? answer.status : 503;
    }
    if (!f->closing)
        http_server_reply(f->http, c->request, &answer);
    else if (file.fd >= 0)
        close(file.fd);
}

static void pass_on_reply(void *arg, const struct wandb_reply *reply)
{
    struct calling *c = arg;
    body_release(c->front, c->request);
    pass_answer(c->front, c, reply);
    calling_free(c);
}

/* Asks the controller. */
static void calling_pass(struct calling *c)
{
    const struct wandb_upstream *up = &c->front->config.upstream;
    const struct wandb_ask ask = {.verb = c->verb,
                                  .path = c->path,
                                  .query = c->query,
                                  .body = buf_str(&c->body),
                                  .len = c->body.len,
                                  .file = c->file,
                                  .size = c->size,
                                  .sha256 = c->digest.sha256,
                                  .md5 = c->digest.md5,
                                  .base = c->base,
                                  .by = "agent",
                                  .writes = true,
                                  .run = c->run};
    wandb_access_run(&c->call.key, c->run);
    up->ask(up->arg, &c->call.key, &ask, pass_on_reply, c);
}

/* A script may ask for what it has just logged. */
static void calling_park_or_pass(struct calling *c)
{
    struct wandb_front *f = c->front;
    if (!f->forward || f->closing || !wandb_forward_is_behind(f->forward, &c->call.key)) {
        calling_pass(c);
        return;
    }
    c->next = f->parked;
    f->parked = c;
}

static void front_on_forwarded(void *arg)
{
    struct wandb_front *f = arg;
    struct calling *parked = f->parked, *next;
    f->parked = NULL;
    for (; parked; parked = next) {
        next = parked->next;
        calling_park_or_pass(parked);
    }
    f->config.forwarded(f->config.arg);
}

static void front_on_warned(void *arg, const char *text)
{
    struct wandb_front *f = arg;
    f->config.warned(f->config.arg, text);
}

static void calling_done(void *arg)
{
    struct calling *c = arg;
    struct wandb_front *f = c->front;
    bool asks =
        c->what == CALLING_PASS || (c->what == CALLING_ANSWER && c->status == WANDB_RUNS_PASS);
    if (asks && !f->closing) {
        calling_park_or_pass(c);
        return;
    }
    if (c->what == CALLING_ANSWER || c->what == CALLING_UPLOAD)
        answer_give(f, c);
    if (f->forward && !f->closing)
        wandb_forward_wake(f->forward, &c->call.key);
    if (c->what == CALLING_COLLECT)
        f->config.handler.collected(f->config.handler.arg, &c->call.key);
    calling_free(c);
}

static struct calling *calling_new(struct wandb_front *f, const struct agent_key *key)
{
    struct calling *c = mem_alloc(sizeof *c);
    *c = (struct calling){.front = f, .call = {.key = *key}};
    arena_init(&c->a);
    buf_init(&c->body, SIZE_MAX);
    buf_init(&c->out, SIZE_MAX);
    return c;
}

static bool worker_is_there(struct wandb_front *f)
{
    struct err err = {0};
    return f->worker || worker_start(f->config.loop, &f->worker, &err) == 0;
}

static struct calling *calling_of(struct wandb_front *f, const struct http_request *r,
                                  const struct wandb_route *route)
{
    struct calling *c = calling_new(f, &route->key);
    const struct wandb_handler *h = &f->config.handler;
    c->request = r->id;
    c->verb = r->head->method == HTTP_METHOD_GET   ? WANDB_GET
              : r->head->method == HTTP_METHOD_PUT ? WANDB_PUT
                                                   : WANDB_POST;
    c->path = arena_strdup(&c->a, route->path);
    c->query = arena_strdup(&c->a, r->head->query);
    c->base = wandb_route_base(&c->a, &f->access, &route->key);
    c->what = route->kind == WANDB_ROUTE_UPLOAD ? CALLING_UPLOAD
              : route->kind == WANDB_ROUTE_PASS ? CALLING_PASS
                                                : CALLING_ANSWER;
    if (r->to_file)
        c->file = upload_path(&c->a, f, r->tag);
    c->size = r->to_file ? r->body_len : 0;
    if (r->to_file && r->digest)
        c->digest = *r->digest;
    buf_add(&c->body, r->body, r->to_file ? 0 : r->body_len);
    snprintf(c->run, sizeof c->run, "%s", route->run);
    c->call.stream = route->kind == WANDB_ROUTE_STREAM;
    c->call.run = c->run;
    c->call.path = c->path;
    c->call.uploads = wandb_route_uploads(&c->a, &f->access, &route->key);
    c->call.stopping = h->state(h->arg, &route->key) == WANDB_STOPPING;
    c->call.body = buf_str(&c->body);
    c->call.len = c->body.len;
    return c;
}

static void request_push(struct wandb_front *f, const struct http_request *r,
                         const struct wandb_route *route)
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
    struct calling *c = calling_of(f, r, route);
    if (c->what == CALLING_PASS)
        calling_done(c);
    else
        worker_push(f->worker, calling_run, calling_done, c);
}

static void front_on_request(void *arg, struct http_request *r)
{
    struct wandb_front *f = arg;
    const struct wandb_route route = wandb_route_find(&f->access, r->head);
    uint64_t id = r->id; /* an answer clears it */
    if (route.kind == WANDB_ROUTE_TELEMETRY)
        reply_text(f, r->id, 200, "{}", strlen("{}"));
    else if (request_admit(f, r, &route))
        request_push(f, r, &route);
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
    return socket_listen(f->config.loop, address, front_accepted, f, &f->listener, err);
}

/* Those that no process will finish any more. */
static void uploads_remove(const struct wandb_front *f)
{
    struct arena a;
    arena_init(&a);
    DIR *folder = opendir(arena_printf(&a, "%s/" WANDB_SPOOL_DIR, f->dir));
    for (struct dirent *e; folder && (e = readdir(folder)) != NULL;)
        if (strncmp(e->d_name, UPLOAD, strlen(UPLOAD)) == 0)
            (void)unlinkat(dirfd(folder), e->d_name, 0);
    if (folder)
        closedir(folder);
    arena_done(&a);
}

static void front_begin(struct wandb_front *f)
{
    const struct wandb_front_config *c = &f->config;
    const struct http_config limits = {.connections = LIMIT_WANDB_CONNECTIONS,
                                       .peer_connections = LIMIT_WANDB_CONNECTIONS};
    const struct http_handler http = {
        .head = front_on_head, .request = front_on_request, .gone = front_on_gone, .arg = f};
    f->http = http_server_new(c->loop, &limits, &http);
    f->runs = wandb_runs_new(f->dir, c->upstream.ask != NULL);
    snprintf(f->access.url, sizeof f->access.url, "http://127.0.0.1:%d",
             socket_listener_port(f->listener));
    uploads_remove(f);
    if (c->upstream.ask)
        f->forward = wandb_forward_new(&(struct wandb_forward_config){.loop = c->loop,
                                                                      .dir = f->dir,
                                                                      .base = f->access.url,
                                                                      .upstream = c->upstream,
                                                                      .max = c->spool_max,
                                                                      .changed = front_on_forwarded,
                                                                      .warned = front_on_warned,
                                                                      .arg = f});
}

int wandb_front_start(const struct wandb_front_config *config, struct wandb_front **ret,
                      struct err *err)
{
    struct wandb_front *f = mem_alloc(sizeof *f);
    f->config = *config;
    f->dir = mem_strdup(config->dir);
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
        front_begin(f);
        *ret = f;
    }
    return rc;
}

const struct wandb_access *wandb_front_access(const struct wandb_front *f)
{
    return &f->access;
}

bool wandb_front_collect(struct wandb_front *f, const struct agent_key *key, int code)
{
    struct arena a;
    arena_init(&a);
    bool any = access(launch_attempt_wandb_dir(&a, f->dir, key), X_OK) == 0 ||
               access(wandb_spool_folder(&a, f->dir, key), X_OK) == 0;
    arena_done(&a);
    if (!any || f->closing || !worker_is_there(f))
        return false;
    struct calling *c = calling_new(f, key);
    c->what = CALLING_COLLECT;
    c->code = code;
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

bool wandb_front_has_run(const struct wandb_front *f, const struct agent_key *key)
{
    struct arena a;
    arena_init(&a);
    bool has = f && wandb_spool_open_run(&a, f->dir, key) != NULL;
    arena_done(&a);
    return has;
}

void wandb_front_retry(struct wandb_front *f)
{
    if (f && f->forward && !f->closing)
        wandb_forward_retry(f->forward);
}

uint64_t wandb_front_waiting(const struct wandb_front *f)
{
    return f ? wandb_forward_waiting(f->forward) : 0;
}

void wandb_front_close(struct wandb_front *f)
{
    if (!f)
        return;
    f->closing = true;
    wandb_forward_close(f->forward);
    for (struct calling *c = f->parked, *next; c; c = next) {
        next = c->next;
        calling_free(c);
    }
    f->parked = NULL;
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
    wandb_forward_free(f->forward);
    wandb_runs_free(f->runs);
    mem_free(f->dir);
    secret_wipe(&f->access, sizeof f->access);
    mem_free(f);
}
