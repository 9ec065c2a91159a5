/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A question that a thread answers: from the request to the reply. What nobody waits for any more is
 * not worked on, and one sender has a bounded number of questions. The thread calls
 * server_question_is_open() and server_question_pack(); the rest is for the loop. */
#include <stdatomic.h>
#include "base/arena.h"
#include "base/value.h"
#include "orchestrator/server/server_inside.h"

struct worker;

enum { SERVER_QUESTIONS_OF_ONE = 32 }; /* that wait, of one credential; then 503 */

struct server_question {
    struct server_question *next;
    struct server *server;
    struct worker **worker;
    uint64_t request, sender;
    atomic_bool gone;
    struct arena arena;
    const char *path;    /* below /api/v1/; "" of another request */
    struct value *query; /* as texts */
    /* The answer, which the thread makes. */
    struct buf out;
    int rc;
    struct err err;
    bool packs, packed; /* the client accepts zstd; `out` is compressed */
};

/* A question of `size` bytes, which begins with a struct server_question, for the worker, which is
 * started for its first one. Returns NULL, and answers the request with an error, if it cannot be taken, as when
 * `most` questions wait, or half as many of one credential. */
void *server_question_new(struct server *s, const struct server_request *r, struct worker **worker,
                          size_t most, size_t size);
/* Whether somebody waits for the answer. */
bool server_question_is_open(const struct server_question *q);
/* Compresses the answer if the client accepts that. */
void server_question_pack(struct server_question *q);
/* After the thread: true if somebody waits for what it found, which the caller sends. An error is
 * sent here. */
bool server_question_end(struct server_question *q);
void server_question_reply(const struct server_question *q); /* `out`, a document */
void server_question_free(struct server_question *q);

/* The question of that request that `worker` has; NULL: none. request 0: any that it has. */
struct server_question *server_question_find(struct server *s, struct worker **worker,
                                             uint64_t request);
void server_question_gone(struct server *s, uint64_t request);
/* The server ends: nobody waits any more. */
void server_questions_close(struct server *s);
