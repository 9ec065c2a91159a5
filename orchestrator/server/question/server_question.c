/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/question/server_question.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "net/worker.h"
#include "orchestrator/server/route/server_query.h"
#include "orchestrator/server/reply/server_pack.h"
#include "orchestrator/server/reply/server_reply.h"

#define ROOT "/api/v1/"

/* Why no further question is taken; NULL: one is. */
static const char *question_refusal(struct server *s, const struct server_request *r,
                                    struct worker **worker, size_t most, struct err *err)
{
    size_t n = 0, here = 0;
    if (!*worker && worker_start(s->config.loop, worker, err) != 0)
        return err->text;
    if (worker_waiting(*worker) >= most)
        return "too many questions are waiting: ask again in a moment";
    for (const struct server_question *other = s->questions; other; other = other->next) {
        n += other->sender == r->sender;
        here += other->sender == r->sender && other->worker == worker;
    }
    return n < SERVER_QUESTIONS_OF_ONE && here < most / 2
               ? NULL
               : "too many of your questions are waiting: ask again in a moment";
}

void *server_question_new(struct server *s, const struct server_request *r, struct worker **worker,
                          size_t most, size_t size)
{
    const struct http_head *head = r->http->head;
    struct err err = {0};
    const char *why = question_refusal(s, r, worker, most, &err);
    if (why) {
        server_reply_error(s, r->http->id, 0, ERR_BUSY, why);
        return NULL;
    }
    struct server_question *q = mem_alloc(size);
    q->server = s;
    q->worker = worker;
    q->request = r->http->id;
    q->sender = r->sender;
    arena_init(&q->arena);
    buf_init(&q->out, LIMIT_DOCUMENT_BYTES);
    bool document = strncmp(head->path, ROOT, strlen(ROOT)) == 0;
    q->path = document ? arena_strdup(&q->arena, head->path + strlen(ROOT)) : "";
    q->query = server_query_read(r->route, head->query, false, &q->arena);
    q->packs = server_pack_wants(head);
    q->next = s->questions;
    s->questions = q;
    return q;
}

bool server_question_is_open(const struct server_question *q)
{
    return !atomic_load(&q->gone);
}

void server_question_pack(struct server_question *q)
{
    q->packed = q->rc == 0 && q->packs && server_pack(&q->out);
}

bool server_question_end(struct server_question *q)
{
    struct server_question **at = &q->server->questions;
    while (*at && *at != q)
        at = &(*at)->next;
    if (*at)
        *at = q->next;
    bool open = server_question_is_open(q);
    if (open && q->rc != 0)
        server_reply_error(q->server, q->request, 0, q->rc, q->err.text);
    return open && q->rc == 0;
}

void server_question_reply(const struct server_question *q)
{
    server_reply_packed(q->server, q->request, "application/json", &q->out, q->packed);
}

void server_question_free(struct server_question *q)
{
    buf_done(&q->out);
    arena_done(&q->arena);
    mem_free(q);
}

struct server_question *server_question_find(struct server *s, struct worker **worker,
                                             uint64_t request)
{
    struct server_question *q = s->questions;
    while (q && (q->worker != worker || (request != 0 && q->request != request)))
        q = q->next;
    return q;
}

void server_question_gone(struct server *s, uint64_t request)
{
    for (struct server_question *q = s->questions; q; q = q->next)
        if (q->request == request)
            atomic_store(&q->gone, true);
}

void server_questions_close(struct server *s)
{
    for (struct server_question *q = s->questions; q; q = q->next)
        atomic_store(&q->gone, true);
}
