/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/wandb/wandb_link.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/wandb/wandb_spool.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/http/http_client.h"
#include "net/http/http_target.h"
#include "net/stream.h"

enum { LANES = 4, WAITING_MAX = 256, ANSWER_MS = 60000 };

/* A connection. */
struct lane {
    struct wandb_link *link;
    struct http_client *client; /* NULL: none */
    struct asking *asking;      /* NULL: it is idle, or its answer is being passed on */
    bool busy, downloads;
    struct buf target, headers;
};

struct asking {
    struct agent_key key;
    struct wandb_ask ask;
    wandb_reply_fn fn;
    void *fn_arg;
    struct asking *next;
};

struct wandb_link {
    struct wandb_link_config config;
    struct lane lanes[LANES];
    struct asking *first, **last; /* that wait for a lane */
    size_t waiting;
    bool closing;
};

static void link_pump(struct wandb_link *l);

/* Answers, frees the question, and leaves its lane to the next. */
static void asking_answer(struct asking *q, const struct wandb_reply *reply)
{
    q->fn(q->fn_arg, reply);
    mem_free(q);
}

static void asking_refuse(struct asking *q)
{
    static const char text[] = "{\"errors\":[{\"message\":\"the controller cannot be reached\"}]}";
    const struct wandb_reply reply = {
        .status = 503, .type = "application/json", .body = text, .len = sizeof text - 1};
    asking_answer(q, &reply);
}

static char *lane_download(struct arena *a, const struct lane *lane)
{
    return arena_printf(a, "%s/" WANDB_SPOOL_DIR "/upload-answer-%d", lane->link->config.dir,
                        (int)(lane - lane->link->lanes));
}

static void lane_on_answer(void *arg, const struct http_response *r, const struct err *why)
{
    struct lane *lane = arg;
    struct wandb_link *l = lane->link;
    bool filed = lane->downloads && r && r->head->status == 200;
    struct asking *q = lane->asking;
    struct arena a;
    arena_init(&a);
    const char *path = lane_download(&a, lane);
    (void)why;
    lane->asking = NULL;
    if (r) {
        const struct wandb_reply reply = {.status = r->head->status,
                                          .type = http_head_find(r->head, "content-type"),
                                          .body = r->body,
                                          .len = filed ? 0 : (size_t)r->body_len,
                                          .file = filed ? path : NULL,
                                          .size = filed ? r->body_len : 0};
        asking_answer(q, &reply);
    } else {
        asking_refuse(q);
    }
    (void)unlink(path);
    arena_done(&a);
    lane->busy = false;
    link_pump(l);
}

static bool lane_connect(struct lane *lane)
{
    struct wandb_link *l = lane->link;
    struct stream *stream;
    struct err err = {0};
    const char *host, *token = NULL;
    if (!lane->client || !http_client_is_open(lane->client)) {
        http_client_close(lane->client);
        lane->client = NULL;
        if (l->config.connect(l->config.arg, &stream, &host, &token, &err) != 0)
            return false;
        lane->client = http_client_new(l->config.loop, stream, host);
        buf_clear(&lane->headers);
        if (token)
            buf_addf(&lane->headers, "Authorization: Bearer %s\r\n", token);
    }
    return true;
}

/* Questions are asked for the attempt; URLs of files, which the controller has made, carry a right of
 * their own. The parts of the path are encoded one by one. */
static void target_make(struct buf *out, const struct asking *q)
{
    buf_clear(out);
    if (q->ask.verb == WANDB_POST)
        buf_addf(out, "/agent/v1/wandb/%s/%" PRIu64 "/%" PRIu64, q->key.sweep, q->key.trial,
                 q->key.attempt);
    for (const char *at = q->ask.path; *at == '/';) {
        size_t len = strcspn(++at, "/");
        buf_addc(out, '/');
        http_target_encode(out, at, len);
        at += len;
    }
    if (q->ask.query && q->ask.query[0])
        buf_addf(out, "?%s", q->ask.query);
}

/* The files of a call, which the client closes. */
static bool lane_open(struct lane *lane, const struct asking *q, struct http_call *call)
{
    struct arena a;
    arena_init(&a);
    lane->downloads = call->to_file = q->ask.verb == WANDB_GET;
    call->from_file = q->ask.file != NULL;
    call->from_fd = call->to_fd = -1;
    if (call->from_file)
        call->from_fd = open(q->ask.file, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (call->to_file) {
        (void)mkdir(arena_printf(&a, "%s/" WANDB_SPOOL_DIR, lane->link->config.dir), 0700);
        call->to_fd = open(lane_download(&a, lane),
                           O_RDWR | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0600);
    }
    arena_done(&a);
    return (!call->from_file || call->from_fd >= 0) && (!call->to_file || call->to_fd >= 0);
}

static bool lane_ask(struct lane *lane, const struct asking *q)
{
    static const char *const verbs[] = {
        [WANDB_GET] = "GET", [WANDB_POST] = "POST", [WANDB_PUT] = "PUT"};
    struct http_call call = {
        .method = verbs[q->ask.verb], .limit_ms = ANSWER_MS, .done = lane_on_answer, .arg = lane};
    if (!lane_connect(lane) || !lane_open(lane, q, &call))
        return false;
    size_t head_len = lane->headers.len;
    target_make(&lane->target, q);
    buf_addf(&lane->headers, "Besom-Base: %s\r\n", q->ask.base);
    call.target = buf_str(&lane->target);
    call.headers = buf_str(&lane->headers);
    call.response_limit = call.to_file ? LIMIT_WANDB_UPLOAD_BYTES : LIMIT_WANDB_BODY_BYTES;
    call.type = call.from_file ? "application/octet-stream" : "application/json";
    call.body = call.from_file ? NULL : q->ask.body;
    call.body_len = call.from_file ? q->ask.size : q->ask.len;
    if (q->ask.verb == WANDB_GET)
        call.type = NULL;
    http_client_send(lane->client, &call);
    buf_truncate(&lane->headers, head_len);
    return true;
}

static void lane_send(struct lane *lane, struct asking *q)
{
    lane->busy = true;
    lane->asking = q;
    if (lane_ask(lane, q))
        return;
    lane->asking = NULL;
    asking_refuse(q);
    lane->busy = false;
}

static void link_pump(struct wandb_link *l)
{
    for (size_t i = 0; i < LANES && l->first && !l->closing; i++) {
        struct asking *q = l->first;
        if (l->lanes[i].busy)
            continue;
        l->first = q->next;
        l->last = l->first ? l->last : &l->first;
        l->waiting--;
        lane_send(&l->lanes[i], q);
    }
}

static void link_ask(void *arg, const struct agent_key *key, const struct wandb_ask *ask,
                     wandb_reply_fn fn, void *fn_arg)
{
    struct wandb_link *l = arg;
    struct asking *q = mem_alloc(sizeof *q);
    *q = (struct asking){.key = *key, .ask = *ask, .fn = fn, .fn_arg = fn_arg};
    if (l->closing || l->waiting >= WAITING_MAX) {
        asking_refuse(q);
        return;
    }
    *l->last = q;
    l->last = &q->next;
    l->waiting++;
    link_pump(l);
}

struct wandb_link *wandb_link_new(const struct wandb_link_config *config)
{
    struct wandb_link *l = mem_alloc(sizeof *l);
    *l = (struct wandb_link){.config = *config};
    l->last = &l->first;
    for (size_t i = 0; i < LANES; i++) {
        l->lanes[i] = (struct lane){.link = l};
        buf_init(&l->lanes[i].target, SIZE_MAX);
        buf_init(&l->lanes[i].headers, SIZE_MAX);
    }
    return l;
}

struct wandb_upstream wandb_link_upstream(struct wandb_link *l)
{
    return (struct wandb_upstream){link_ask, l};
}

void wandb_link_close(struct wandb_link *l)
{
    if (!l)
        return;
    l->closing = true;
    for (size_t i = 0; i < LANES; i++) {
        http_client_close(l->lanes[i].client);
        l->lanes[i].client = NULL;
        struct asking *q = l->lanes[i].asking;
        l->lanes[i].asking = NULL;
        if (q)
            asking_refuse(q);
    }
    for (struct asking *q = l->first, *next; q; q = next) {
        next = q->next;
        asking_refuse(q);
    }
    l->first = NULL;
}

void wandb_link_free(struct wandb_link *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < LANES; i++) {
        buf_done(&l->lanes[i].target);
        buf_done(&l->lanes[i].headers);
    }
    mem_free(l);
}
