/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/server/question/server_kept.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

struct kept {
    char *question; /* NULL: free */
    char mark[SERVER_KEPT_MARK_BYTES];
    char *bytes;
    size_t len;
    bool packed;
    uint64_t used;   /* when, by the number of questions; 0: free */
    uint64_t sender; /* of the question that made it */
};

struct server_kept {
    struct server_kept_limits limits;
    struct kept *kept;
    size_t bytes;
    uint64_t asked;
};

struct server_kept *server_kept_new(const struct server_kept_limits *limits)
{
    struct server_kept *k = mem_alloc(sizeof *k);
    k->limits = *limits;
    k->kept = mem_alloc(limits->answers * sizeof *k->kept);
    return k;
}

static void kept_drop(struct server_kept *k, struct kept *one)
{
    k->bytes -= one->len;
    mem_free(one->question);
    mem_free(one->bytes);
    *one = (struct kept){0};
}

void server_kept_free(struct server_kept *k)
{
    for (size_t i = 0; k && i < k->limits.answers; i++)
        kept_drop(k, &k->kept[i]);
    if (k)
        mem_free(k->kept);
    mem_free(k);
}

static struct kept *kept_find(const struct server_kept *k, const char *question)
{
    for (size_t i = 0; i < k->limits.answers; i++)
        if (k->kept[i].question && strcmp(k->kept[i].question, question) == 0)
            return &k->kept[i];
    return NULL;
}

bool server_kept_find(struct server_kept *k, const char *question, const char *mark,
                      struct server_question *q)
{
    struct kept *one = kept_find(k, question);
    k->asked++;
    if (!one || strcmp(one->mark, mark) != 0)
        return false;
    one->used = k->asked;
    q->packed = one->packed;
    buf_clear(&q->out);
    buf_add(&q->out, one->bytes, one->len);
    return true;
}

/* The answer that was used longest ago: of the sender, if it has enough of them; else of all, or a free one. */
static struct kept *kept_oldest(const struct server_kept *k, uint64_t sender)
{
    struct kept *oldest = &k->kept[0], *own = NULL;
    size_t own_n = 0;
    for (size_t i = 0; i < k->limits.answers; i++) {
        struct kept *one = &k->kept[i];
        oldest = one->used < oldest->used ? one : oldest;
        if (one->used == 0 || one->sender != sender)
            continue;
        own_n++;
        own = !own || one->used < own->used ? one : own;
    }
    return own_n < k->limits.of_one ? oldest : own;
}

/* The answer in use that was used longest ago. */
static struct kept *kept_first(const struct server_kept *k)
{
    struct kept *first = NULL;
    for (size_t i = 0; i < k->limits.answers; i++)
        if (k->kept[i].used > 0 && (!first || k->kept[i].used < first->used))
            first = &k->kept[i];
    return first;
}

void server_kept_add(struct server_kept *k, const char *question, const char *mark,
                     const struct server_question *q)
{
    struct kept *one = kept_find(k, question);
    size_t len = q->out.len;
    if (len > k->limits.bytes || q->out.overflow)
        return;
    one = one ? one : kept_oldest(k, q->sender);
    kept_drop(k, one);
    while (k->bytes + len > k->limits.bytes_all)
        kept_drop(k, kept_first(k));
    one->question = mem_strdup(question);
    snprintf(one->mark, sizeof one->mark, "%s", mark);
    one->bytes = mem_alloc(len + 1);
    memcpy(one->bytes, buf_peek(&q->out), len);
    one->len = len;
    one->packed = q->packed;
    one->used = k->asked;
    one->sender = q->sender;
    k->bytes += len;
}
