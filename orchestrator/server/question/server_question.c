/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/question/server_question.h"

#include "orchestrator/server/server_reply.h"

bool server_question_begin(struct server *s, struct server_question *q,
                           const struct server_request *r)
{
    size_t n = 0;
    for (const struct server_question *other = s->questions; other; other = other->next)
        n += other->sender == r->sender;
    if (n >= SERVER_QUESTIONS_OF_ONE) {
        server_reply_error(s, r->http->id, 0, ERR_BUSY,
                           "too many of your questions are waiting: ask again in a moment");
        return false;
    }
    *q =
        (struct server_question){.next = s->questions, .request = r->http->id, .sender = r->sender};
    s->questions = q;
    return true;
}

void server_question_end(struct server *s, struct server_question *q)
{
    struct server_question **at = &s->questions;
    while (*at && *at != q)
        at = &(*at)->next;
    if (*at)
        *at = q->next;
}

bool server_question_is_open(const struct server_question *q)
{
    return !atomic_load(&q->gone);
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
